using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Identifies one playback on one server, from its start to its end.</summary>
/// <remarks>A server that was restarted begins anew: the same key is another playback then (plex-facts §14.2).</remarks>
[JsonConverter(typeof(TextConverter<SessionKey>))]
public readonly record struct SessionKey : IParsable<SessionKey>
{
    private readonly string? _value;

    private SessionKey(string value) => _value = value;

    /// <summary>Reads a session key.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> cannot be a session key.</exception>
    public static SessionKey Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException($"'{text}' is not a session key.");

    /// <summary>Reads a session key; false when <paramref name="text"/> cannot be one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SessionKey key)
    {
        key = OpaqueKey.IsValid(text) ? new SessionKey(text) : default;
        return key._value is not null;
    }

    /// <summary>The key as the server writes it.</summary>
    public override string ToString() => _value ?? "";

    static SessionKey IParsable<SessionKey>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<SessionKey>.TryParse(string? s, IFormatProvider? provider, out SessionKey result) => TryParse(s, out result);
}
