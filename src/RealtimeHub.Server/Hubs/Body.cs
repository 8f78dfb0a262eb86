using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Hubs;

/// <summary>The body of a hub method: the request, or why it did not bind.</summary>
/// <remarks>
/// A parameter that SignalR cannot bind fails the call without a word that a caller could act on. In a body the failure is a value, and the
/// method answers <c>invalid_request</c> with the member's path, as on HTTP.
/// </remarks>
/// <typeparam name="T">A type that <see cref="ContractsJson.Requests"/> knows.</typeparam>
internal sealed class Body<T>
    where T : class
{
    /// <summary>A body that bound.</summary>
    public Body(T value) => Value = value;

    private Body(Error error) => Error = error;

    /// <summary>The request; null when it did not bind.</summary>
    public T? Value { get; }

    /// <summary>Why it did not bind; null when it did.</summary>
    public Error? Error { get; }

    /// <summary>A body that did not bind.</summary>
    public static Body<T> Unbound(Error error) => new(error);

    /// <summary>Binds one JSON value without white space around it. Never fails on account of what the caller sent.</summary>
    public static Body<T> Bind(ReadOnlySpan<byte> json)
    {
        // Outside the try: a type that the contracts do not know is a fault of the server.
        var type = ContractsJson.RequestType<T>();
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            return Unbound(BindingErrors.NotAnObject);
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) is { } value ? new Body<T>(value) : Unbound(BindingErrors.NotAnObject);
        }
        catch (JsonException e)
        {
            return Unbound(BindingErrors.Of(e, json, type));
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // Half a surrogate pair in a string.
            return Unbound(BindingErrors.Unreadable);
        }
    }
}
