using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Documents.Schemas;

/// <summary>The XML documentation of Contracts as plain text: what the code says of itself is what the documents say.</summary>
internal sealed partial class XmlSummaries
{
    private readonly Dictionary<string, XElement> members;

    public XmlSummaries()
    {
        using var xml = typeof(XmlSummaries).Assembly.GetManifestResourceStream($"{typeof(Event).Assembly.GetName().Name}.xml")
            ?? throw new InvalidOperationException("The documentation of Contracts is not in the server.");
        members = XDocument.Load(xml).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value, StringComparer.Ordinal);
    }

    /// <summary>Of a type; null when it has none.</summary>
    public string? Of(Type type) => Text(Find($"T:{NameOf(type)}")?.Element("summary"));

    /// <summary>Of a method; null when it has none.</summary>
    public string? Of(MethodInfo method)
    {
        var name = $"M:{NameOf(method.DeclaringType!)}.{method.Name}";
        return Text(members.FirstOrDefault(m => m.Key == name || m.Key.StartsWith(name + "(", StringComparison.Ordinal)).Value?.Element("summary"));
    }

    /// <summary>Of a property, or of the constructor's parameter that it was made from; where it inherits its words, those.</summary>
    public string? Of(Type type, string property)
    {
        for (var declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
        {
            if (Find($"P:{NameOf(declaring)}.{property}") is { } member && member.Element("summary") is { } summary)
            {
                return Text(summary);
            }

            if (ParameterOf(declaring, property) is { } parameter)
            {
                return Text(parameter);
            }
        }

        return type.GetInterfaces().Select(i => Text(Find($"P:{NameOf(i)}.{property}")?.Element("summary"))).FirstOrDefault(t => t is not null);
    }

    /// <summary>Of a value of an enum.</summary>
    public string? OfValue(Type type, string value) => Text(Find($"F:{NameOf(type)}.{value}")?.Element("summary"));

    private XElement? ParameterOf(Type type, string name) =>
        Find($"T:{NameOf(type)}")?.Elements("param").FirstOrDefault(p => p.Attribute("name")?.Value == name);

    private XElement? Find(string name) => members.GetValueOrDefault(name);

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            text.Append(node switch
            {
                XText t => t.Value,
                XElement { Name.LocalName: "c" } c => $"`{c.Value}`",
                XElement { Name.LocalName: "see" } see => $"`{Reference(see)}`",
                XElement { Name.LocalName: "paramref" } parameter => $"`{Camel(parameter.Attribute("name")!.Value)}`",
                XElement e => e.Value,
                _ => "",
            });
        }

        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    // T:…Subscribe stays as it is; members and values are named as they are on the wire.
    private static string Reference(XElement see)
    {
        var name = see.Attribute("cref")?.Value ?? see.Attribute("langword")?.Value ?? "";
        name = name.Split('(')[0];
        var last = name[(name.LastIndexOf('.') + 1)..];
        return name.Length == 0 ? see.Value : name[0] switch
        {
            'P' => Camel(last),
            'F' when !name.Contains(".EventTypes.", StringComparison.Ordinal) => JsonNamingPolicy.SnakeCaseLower.ConvertName(last),
            _ => last,
        };
    }

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();
}
