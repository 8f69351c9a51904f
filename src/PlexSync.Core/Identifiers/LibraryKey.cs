using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Identifies one library (library section) on one server.</summary>
[JsonConverter(typeof(TextConverter<LibraryKey>))]
public readonly record struct LibraryKey : IParsable<LibraryKey>
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

    static LibraryKey IParsable<LibraryKey>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<LibraryKey>.TryParse(string? s, IFormatProvider? provider, out LibraryKey result) => TryParse(s, out result);
}
