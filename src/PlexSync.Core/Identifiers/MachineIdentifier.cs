using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Identifies one installation of Plex Media Server; the <c>clientIdentifier</c> of its plex.tv resource.</summary>
[JsonConverter(typeof(TextConverter<MachineIdentifier>))]
public readonly record struct MachineIdentifier : IParsable<MachineIdentifier>
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

    static MachineIdentifier IParsable<MachineIdentifier>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<MachineIdentifier>.TryParse(string? s, IFormatProvider? provider, out MachineIdentifier result) =>
        TryParse(s, out result);
}
