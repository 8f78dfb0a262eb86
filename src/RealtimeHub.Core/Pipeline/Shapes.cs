using System.Reflection;
using System.Text.Json.Nodes;
using FluentValidation;
using FluentValidation.Validators;

namespace RealtimeHub.Core.Pipeline;

/// <summary>A rule that can say in JSON Schema's words what it asks for.</summary>
internal interface IShapedRule
{
    /// <summary>Keywords that every value fits which the rule lets pass.</summary>
    JsonObject Keywords { get; }
}

/// <summary>A rule that is checked by a function and described by keywords, side by side, so that the contract's documents follow the code.</summary>
/// <remarks>The keywords may ask for less than the function (bytes are counted as characters), never for more.</remarks>
internal sealed class ShapedRule<T, TProperty>(Func<TProperty, bool> fits, JsonObject keywords) : PropertyValidator<T, TProperty>, IShapedRule
{
    public override string Name => nameof(ShapedRule<,>);

    public JsonObject Keywords => keywords;

    public override bool IsValid(ValidationContext<T> context, TProperty value) => fits(value);
}

/// <summary>What validators say of the members of the types that they check, as far as it holds whatever else is in the request.</summary>
public static class Shapes
{
    /// <summary>Keywords by type, and by the name of the member in C#; those of the validators that this one has members checked by are there, too.</summary>
    public static IReadOnlyDictionary<Type, IReadOnlyDictionary<string, JsonObject>> Of(IValidator validator)
    {
        var found = new Dictionary<Type, IReadOnlyDictionary<string, JsonObject>>();
        Collect(validator, found);
        return found;
    }

    private static void Collect(IValidator validator, Dictionary<Type, IReadOnlyDictionary<string, JsonObject>> found)
    {
        var type = validator.GetType();
        while (type is not null && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(AbstractValidator<>)))
        {
            type = type.BaseType;
        }

        if (type is null || !found.TryAdd(type.GetGenericArguments()[0], new Dictionary<string, JsonObject>(StringComparer.Ordinal)))
        {
            return;
        }

        var members = (Dictionary<string, JsonObject>)found[type.GetGenericArguments()[0]];
        foreach (var rule in validator.CreateDescriptor().Rules)
        {
            foreach (var component in rule.Components)
            {
                // A child that is checked now and then is described always: the condition is about this request, the shape about its type.
                if (ChildOf(component.Validator) is { } child)
                {
                    Collect(child, found);
                }
                else if (rule is { PropertyName: { Length: > 0 } name, HasCondition: false } && component is { HasCondition: false, HasAsyncCondition: false }
                    && KeywordsOf(component.Validator) is { } keywords)
                {
                    var member = members.TryGetValue(name, out var known) ? known : members[name] = [];
                    Add(IsForEach(rule) ? new JsonObject { ["items"] = keywords.DeepClone() } : keywords, member);
                }
            }
        }
    }

    /// <summary>Adds keywords to a schema; objects in them are added member by member.</summary>
    public static void Add(JsonObject keywords, JsonObject schema)
    {
        foreach (var (keyword, value) in keywords)
        {
            if (value is JsonObject inner && schema[keyword] is JsonObject existing)
            {
                Add(inner, existing);
            }
            else
            {
                schema[keyword] = value?.DeepClone();
            }
        }
    }

    private static JsonObject? KeywordsOf(IPropertyValidator validator) => validator switch
    {
        IShapedRule rule => rule.Keywords,
        IBetweenValidator { Name: "InclusiveBetweenValidator" } between => new JsonObject
        {
            ["minimum"] = JsonValue.Create(Convert.ToInt64(between.From)),
            ["maximum"] = JsonValue.Create(Convert.ToInt64(between.To)),
        },
        _ => null,
    };

    private static bool IsForEach(IValidationRule rule) =>
        rule.GetType().GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICollectionRule<,>));

    // Which validator a child has may depend on the request; here there is none, and the validators of this service do not ask.
    private static IValidator? ChildOf(IPropertyValidator validator)
    {
        if (validator is not IChildValidatorAdaptor)
        {
            return null;
        }

        var type = validator.GetType();
        var context = Activator.CreateInstance(typeof(ValidationContext<>).MakeGenericType(type.GetGenericArguments()[0]), [null]);
        return (IValidator?)type.GetMethod("GetValidator", BindingFlags.Public | BindingFlags.Instance)?.Invoke(validator, [context, null]);
    }
}
