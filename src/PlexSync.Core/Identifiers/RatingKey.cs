using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Identifies one item (a movie, an episode) on one server; the same for every user of that server.</summary>
/// <remarks>
/// Opaque: digits on every server seen, but Plex does not promise it. It changes when an item is removed and added again.
/// </remarks>
[JsonConverter(typeof(TextConverter<RatingKey>))]
public readonly record struct RatingKey : IParsable<RatingKey>
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

    static RatingKey IParsable<RatingKey>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<RatingKey>.TryParse(string? s, IFormatProvider? provider, out RatingKey result) => TryParse(s, out result);
}
