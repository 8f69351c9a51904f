namespace PlexSync.Testing.Hosting;

/// <summary>
/// What an answer says, before it is JSON or XML: attributes and groups of children. Both forms are rendered from it, so that they cannot
/// disagree.
/// </summary>
/// <param name="name">The name of the JSON array its siblings are in, e.g. Metadata.</param>
/// <param name="tag">The XML tag where that differs, e.g. Video.</param>
/// <param name="keeps">Which fields are wanted; the others are dropped as they are set.</param>
internal sealed class Element(string name, string? tag = null, Func<string, bool>? keeps = null)
{
    private readonly List<Field> _fields = new(tag is null ? 8 : 40);
    private List<Group>? _groups;

    public string Name { get; } = name;
    public string Tag { get; } = tag ?? name;
    public IReadOnlyList<Field> Fields => _fields;
    public IReadOnlyList<Group> Groups => _groups ?? (IReadOnlyList<Group>)[];

    /// <summary>An absent value is left out (plex-facts §0.4).</summary>
    public Element Set(string name, string? value) => value is null ? this : Put(new Field(name, FieldKind.Text, value, 0));

    public Element Set(string name, long? value) => value is null ? this : Put(new Field(name, FieldKind.Integer, null, value.Value));

    public Element Set(string name, double? value) => value is null ? this : Put(new Field(name, FieldKind.Real, null, value.Value));

    public Element Set(string name, bool value) => Put(new Field(name, FieldKind.Truth, null, value ? 1 : 0));

    /// <summary>An absent value is null in JSON and empty in XML, as plex.tv does it (plex-facts §3.6).</summary>
    public Element SetOrNull(string name, string? value) =>
        value is null ? Put(new Field(name, FieldKind.Null, null, 0)) : Set(name, value);

    public Element SetOrNull(string name, long? value) => value is null ? Put(new Field(name, FieldKind.Null, null, 0)) : Set(name, value);

    /// <summary>In the place of what was set before.</summary>
    public Element Replace(string name, long value)
    {
        _fields.RemoveAll(field => field.Name == name);
        return Set(name, value);
    }

    /// <summary>One of a list; lists without members are left out (plex-facts §1.2).</summary>
    public Element Add(Element child)
    {
        var group = _groups?.Find(group => group.Name == child.Name && group.Kind == GroupKind.Repeated);
        if (group is null) (_groups ??= []).Add(group = new Group(child.Name, GroupKind.Repeated, []));
        group.Members.Add(child);
        return this;
    }

    public Element AddAll(IEnumerable<Element> children)
    {
        foreach (var child in children) Add(child);
        return this;
    }

    /// <summary>A single object.</summary>
    public Element One(Element child)
    {
        (_groups ??= []).Add(new Group(child.Name, GroupKind.Single, [child]));
        return this;
    }

    /// <summary>A list that XML wraps in an element of its own and JSON keeps though it is empty, as plex.tv does.</summary>
    public Element List(string name, IEnumerable<Element> members)
    {
        (_groups ??= []).Add(new Group(name, GroupKind.Wrapped, [.. members]));
        return this;
    }

    /// <summary>Takes over another element's fields.</summary>
    public Element Append(Element other)
    {
        _fields.AddRange(other._fields);
        return this;
    }

    private Element Put(Field field)
    {
        if (keeps is null || keeps(field.Name)) _fields.Add(field);
        return this;
    }
}

internal enum FieldKind : byte
{
    Null,
    Text,
    Integer,
    Real,
    Truth,
}

internal readonly record struct Field(string Name, FieldKind Kind, string? Text, double Number);

internal enum GroupKind
{
    Repeated,
    Single,
    Wrapped,
}

internal sealed record Group(string Name, GroupKind Kind, List<Element> Members);
