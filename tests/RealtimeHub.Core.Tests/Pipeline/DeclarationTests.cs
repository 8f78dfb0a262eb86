using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Pipeline;

/// <summary>A request that declares nothing does not run: refused at startup and by the behaviour.</summary>
public sealed class DeclarationTests
{
    public static TheoryData<Surface> Surfaces => [.. Enum.GetValues<Surface>()];

    [Fact]
    public async Task Send_NoUseCaseAndNoHandler_IsForbidden()
    {
        await using var node = new CoreNode();

        (await node.SendAsync<Ping, Empty>(Callers.Admin, new Ping())).Error!.Code.Should().Be(ErrorCode.Forbidden);
    }

    [Fact]
    public async Task Send_HandlerWithoutUseCase_IsForbiddenAndNotCalled()
    {
        var rogue = new RogueHandler();
        await using var node = new CoreNode(before: null, s => s.AddSingleton<IRequestHandler<Call<Ping, Empty>, Reply<Empty>>>(rogue));

        (await node.SendAsync<Ping, Empty>(Callers.Admin, new Ping())).Error!.Code.Should().Be(ErrorCode.Forbidden);

        rogue.Calls.Should().Be(0);
        node.Errors.Should().ContainSingle().Which.Should().Contain("has no use case");
    }

    [Fact]
    public async Task Send_RequestThatIsNoCall_IsForbiddenAndNotCalled()
    {
        var rogue = new BareHandler();
        await using var node = new CoreNode(before: null, s => s.AddSingleton<IRequestHandler<Bare, Reply<Empty>>>(rogue));

        var reply = await node.Get<ISender>().Send(new Bare(), TestContext.Current.CancellationToken);

        reply.Error!.Code.Should().Be(ErrorCode.Forbidden);
        rogue.Calls.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Surfaces))]
    public async Task Send_OverASurfaceThatIsNotDeclared_IsForbidden(Surface surface)
    {
        await using var node = new CoreNode();
        var useCases = node.Get<UseCases>();
        var command = await node.SendAsync<CreateConversation, CreateConversationResult>(Callers.Admin with { Surface = surface }, new() { Title = "T" });
        var publish = await node.SendAsync<PublishEvents, PublishResult>(
            Callers.Admin with { Surface = surface }, new() { Topic = "conversation:none", Events = [new() { Type = "custom.x", Data = Folds.Json.Of("{}") }] });
        var history = await node.SendAsync<GetHistory, History>(Callers.Admin with { Surface = surface }, new() { Topic = "conversation:none" });

        (command.Error?.Code == ErrorCode.Forbidden).Should().Be(surface is not (Surface.OperatorHub or Surface.Http));
        (publish.Error?.Code == ErrorCode.Forbidden).Should().Be(surface is not (Surface.AgentHub or Surface.Http));
        (history.Error?.Code == ErrorCode.Forbidden).Should().Be(surface is not Surface.Http);
        useCases.All.Where(u => u.Rules.Offers.Any(o => o.Surface == Surface.EventsHub)).Select(u => u.RequestType)
            .Should().BeEquivalentTo([typeof(Subscribe), typeof(Unsubscribe)]); // it is read-only
    }

    [Fact]
    public async Task Send_FixtureUseCase_Runs()
    {
        var useCase = new PingUseCase([Offer.Operator("Ping")]);
        await using var node = new CoreNode(before: null, s => s
            .AddSingleton<IUseCase>(useCase).AddSingleton<IValidator<Ping>>(new InlineValidator<Ping>())
            .AddSingleton<IRequestHandler<Call<Ping, Empty>, Reply<Empty>>>(useCase));

        (await node.SendAsync<Ping, Empty>(Callers.Ada, new Ping())).Ok.Should().BeTrue();
        (await node.SendAsync<Ping, Empty>(Callers.Ada with { Surface = Surface.Http }, new Ping())).Error!.Code.Should().Be(ErrorCode.Forbidden);
    }

    [Fact]
    public async Task Send_HandlerThrows_AnswersInternalAndSaysNothingOfTheInside()
    {
        var useCase = new PingUseCase([Offer.Operator("Ping")]) { Failure = new InvalidDataException("the inside") };
        await using var node = new CoreNode(before: null, s => s
            .AddSingleton<IUseCase>(useCase).AddSingleton<IValidator<Ping>>(new InlineValidator<Ping>())
            .AddSingleton<IRequestHandler<Call<Ping, Empty>, Reply<Empty>>>(useCase));

        var reply = await node.Get<ISender>().Send(new Call<Ping, Empty>(Callers.Ada, new Ping()), TestContext.Current.CancellationToken);

        reply.Error!.Code.Should().Be(ErrorCode.Internal);
        reply.Error.Message.Should().NotContain("inside");
        node.Errors.Should().ContainSingle().Which.Should().Contain("the inside");
        node.Audit.Records.Should().ContainSingle();
    }

    [Fact]
    public async Task Startup_NodeWithAnIncompleteUseCase_DoesNotStart()
    {
        await using var node = new CoreNode(before: null, s => s.AddSingleton<IUseCase>(new PingUseCase([Offer.Operator("Ping")])));

        await FluentActions.Awaiting(node.StartAsync).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public void Startup_UseCaseWithoutSurface_IsRefused()
    {
        var services = new ServiceCollection().AddSingleton<IValidator<Ping>>(new InlineValidator<Ping>()).BuildServiceProvider();

        var start = () => new UseCases([new PingUseCase([])], services);

        start.Should().Throw<InvalidOperationException>().WithMessage("*Ping declares no surface*");
    }

    [Fact]
    public void Startup_UseCaseWithoutValidator_IsRefused()
    {
        var start = () => new UseCases([new PingUseCase([Offer.Operator("Ping")])], new ServiceCollection().BuildServiceProvider());

        start.Should().Throw<InvalidOperationException>().WithMessage("*Ping has no validator*");
    }

    [Fact]
    public async Task Startup_ThisAssembly_DeclaresEveryRequestOfTheContract()
    {
        await using var node = new CoreNode();

        var requests = typeof(SendMessage).Assembly.GetTypes()
            .Where(t => t is { IsAbstract: false } && (t.IsAssignableTo(typeof(IKeyedRequest)) || t.IsAssignableTo(typeof(ListRequest))));

        node.Get<UseCases>().All.Select(u => u.RequestType).Should().Contain(requests);
        node.Get<UseCases>().All.SelectMany(u => u.Rules.Offers).Should().OnlyHaveUniqueItems();
    }

    internal sealed record Ping;

    internal sealed record Bare : IRequest<Reply<Empty>>;

    private sealed class PingUseCase(IReadOnlyList<Offer> offers) : UseCase<Ping, Empty>
    {
        public Exception? Failure { get; init; }

        public override RequestRules Rules { get; } = new() { Scope = null, Offers = offers };

        public override Task<Reply<Empty>> Handle(Call<Ping, Empty> call, CancellationToken cancellationToken) =>
            Failure is null ? Task.FromResult(Reply<Empty>.Success(Empty.Value)) : throw Failure;
    }

    private sealed class RogueHandler : IRequestHandler<Call<Ping, Empty>, Reply<Empty>>
    {
        public int Calls { get; private set; }

        public Task<Reply<Empty>> Handle(Call<Ping, Empty> call, CancellationToken cancellationToken)
        {
            Calls++;
            return Task.FromResult(Reply<Empty>.Success(Empty.Value));
        }
    }

    private sealed class BareHandler : IRequestHandler<Bare, Reply<Empty>>
    {
        public int Calls { get; private set; }

        public Task<Reply<Empty>> Handle(Bare request, CancellationToken cancellationToken)
        {
            Calls++;
            return Task.FromResult(Reply<Empty>.Success(Empty.Value));
        }
    }
}
