using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace PlexSync;

/// <summary>Identifies one item (a movie, an episode) on one server; the same for every user of that server.</summary>
/// <remarks>Opaque: digits on every server seen, but Plex does not promise it. It changes when an item is removed and added again.</remarks>
public readonly record struct RatingKey
{
    private readonly string? _value;

    private RatingKey(string value) => _value = value;

    /// <summary>Reads a rating key.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> cannot be a rating key.</exception>
    public static RatingKey Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException($"'{text}' is not a rating key.");

    /// <summary>Reads a rating key; false when <paramref name="text"/> cannot be one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RatingKey key)
    {
        key = OpaqueKey.IsValid(text) ? new RatingKey(text) : default;
        return key._value is not null;
    }

    /// <summary>The key as the server writes it.</summary>
    public override string ToString() => _value ?? "";
}

/// <summary>Identifies one library (library section) on one server.</summary>
public readonly record struct LibraryKey
{
    private readonly string? _value;

    private LibraryKey(string value) => _value = value;

    /// <summary>Reads a library key.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> cannot be a library key.</exception>
    public static LibraryKey Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException($"'{text}' is not a library key.");

    /// <summary>Reads a library key; false when <paramref name="text"/> cannot be one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out LibraryKey key)
    {
        key = OpaqueKey.IsValid(text) ? new LibraryKey(text) : default;
        return key._value is not null;
    }

    /// <summary>The key as the server writes it.</summary>
    public override string ToString() => _value ?? "";
}

/// <summary>Identifies one installation of Plex Media Server; the <c>clientIdentifier</c> of its plex.tv resource.</summary>
public readonly record struct MachineIdentifier
{
    private readonly string? _value;

    private MachineIdentifier(string value) => _value = value;

    /// <summary>Reads a machine identifier.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> cannot be a machine identifier.</exception>
    public static MachineIdentifier Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a machine identifier.");

    /// <summary>Reads a machine identifier; false when <paramref name="text"/> cannot be one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MachineIdentifier id)
    {
        id = OpaqueKey.IsValid(text) ? new MachineIdentifier(text) : default;
        return id._value is not null;
    }

    /// <summary>The identifier as the server writes it.</summary>
    public override string ToString() => _value ?? "";
}

/// <summary>What any identifier of a server must satisfy before it may become part of a path.</summary>
internal static class OpaqueKey
{
    private const int MaxLength = 128;

    private static readonly SearchValues<char> Reserved = SearchValues.Create("/\\,?#%&\"<>");

    // A key goes into a path segment and into comma lists: whatever could end or leave that segment is no key.
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= MaxLength } and not ("." or "..")
        && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
        && !text.AsSpan().ContainsAny(Reserved);
}
