namespace MediatR;

/// <summary>Any request, with or without a response.</summary>
public interface IBaseRequest;

/// <summary>A request without a response.</summary>
public interface IRequest : IBaseRequest;

/// <summary>A request with a response.</summary>
public interface IRequest<out TResponse> : IBaseRequest;

/// <summary>A request answered by a stream.</summary>
public interface IStreamRequest<out TResponse>;

/// <summary>A notification, handled by any number of handlers.</summary>
public interface INotification;
