using System.Collections.Frozen;
using System.Text.Json.Nodes;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Every request type that may run, with its rules and its validator. What is not in it does not run.</summary>
public sealed class UseCases
{
    private readonly FrozenDictionary<Type, UseCaseEntry> entries;

    /// <summary>Collects the use cases and refuses what is incomplete.</summary>
    /// <exception cref="InvalidOperationException">A use case without a surface or without a validator.</exception>
    public UseCases(IEnumerable<IUseCase> useCases, IServiceProvider services)
    {
        entries = useCases.Select(u => new UseCaseEntry(u, ValidatorOf(u, services))).ToFrozenDictionary(e => e.UseCase.RequestType);
        foreach (var entry in entries.Values.Where(e => e.UseCase.Rules.Offers.Count == 0))
        {
            throw new InvalidOperationException($"{entry.UseCase.RequestType.Name} declares no surface.");
        }
    }

    /// <summary>All of them.</summary>
    public IEnumerable<IUseCase> All => entries.Values.Select(e => e.UseCase);

    internal UseCaseEntry? Find(ICall call) => entries.GetValueOrDefault(call.RequestType);

    /// <summary>What the validators of all of them say of members; see <see cref="Shapes"/>.</summary>
    public IEnumerable<KeyValuePair<Type, IReadOnlyDictionary<string, JsonObject>>> ShapesOfMembers =>
        entries.Values.SelectMany(e => Shapes.Of(e.Validator));

    private static IValidator ValidatorOf(IUseCase useCase, IServiceProvider services) =>
        (IValidator?)services.GetService(typeof(IValidator<>).MakeGenericType(useCase.RequestType))
        ?? throw new InvalidOperationException($"{useCase.RequestType.Name} has no validator.");

    /// <summary>Registers every use case of this assembly under its request.</summary>
    internal static IServiceCollection Register(IServiceCollection services)
    {
        foreach (var type in typeof(UseCases).Assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.IsAssignableTo(typeof(IUseCase))))
        {
            services.AddSingleton(type);
            services.AddSingleton(typeof(IUseCase), s => s.GetRequiredService(type));
            var handler = type.GetInterfaces().Single(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequestHandler<,>));
            services.AddSingleton(handler, s => s.GetRequiredService(type));
        }

        return services.AddSingleton<UseCases>();
    }
}

/// <summary>A use case and the validator of its request.</summary>
internal sealed record UseCaseEntry(IUseCase UseCase, IValidator Validator);
