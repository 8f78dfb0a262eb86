/** Anything that JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json | undefined };

/** A JSON object. */
export type JsonObject = { readonly [member: string]: Json | undefined };
