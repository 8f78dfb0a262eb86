// Holds the documents that a server serves against the official schemas, and tells in one line what is wrong.
// node check-contract.mjs ADDRESS
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import specs from '@asyncapi/specs';

const address = process.argv[2];
const read = async (path) => (await fetch(new URL(path, address))).json();
const wrong = [];

// AsyncAPI's own schema embeds JSON Schema's, which the validator has already.
const { definitions, ...asyncApi } = specs.schemas['3.0.0'];
const known = 'http://json-schema.org/draft-07/schema';
const official = new Ajv({ strict: false, validateFormats: false })
  .compile({ ...asyncApi, definitions: Object.fromEntries(Object.entries(definitions).filter(([name]) => name !== known)) });
if (!official(await read('/asyncapi/v1.json'))) {
  wrong.push(`asyncapi: ${JSON.stringify(official.errors)}`);
}

for (const [name, { href }] of Object.entries(await read('/schemas/v1/index.json'))) {
  const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: true }));
  try {
    ajv.compile(await read(href));
  } catch (error) {
    wrong.push(`${name}: ${error.message}`);
  }
}

console.log(wrong.length === 0 ? 'ok' : wrong.join(' '));
