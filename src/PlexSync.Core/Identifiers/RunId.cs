using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Names a run: when it began, and four digits of chance, as in <c>2026-11-22T10-00-00Z-ab12</c>.</summary>
[JsonConverter(typeof(TextConverter<RunId>))]
public readonly record struct RunId : IParsable<RunId>
{
    private const string Format = "yyyy-MM-dd'T'HH-mm-ss'Z'";
    private const int ChanceLength = 4;
    private const int Length = 20 + 1 + ChanceLength;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly string? _value;

    private RunId(string value) => _value = value;

    /// <summary>A new name.</summary>
    public static RunId Create(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow().ToString(Format, CultureInfo.InvariantCulture);
        return new RunId($"{now}-{RandomNumberGenerator.GetHexString(ChanceLength, lowercase: true)}");
    }

    /// <summary>A new name that nobody has: for two runs within one second, four digits of chance are not many.</summary>
    internal static RunId Create(TimeProvider time, Func<RunId, bool> isTaken)
    {
        RunId run;
        do
        {
            run = Create(time);
        }
        while (isTaken(run));

        return run;
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> cannot name a run.</exception>
    public static RunId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException($"'{text}' does not name a run.");

    /// <summary>Reads a name; false when <paramref name="text"/> cannot be one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id)
    {
        // A name becomes part of a file's: nothing but what this class makes is one.
        var isName = text is { Length: Length } && text[^(ChanceLength + 1)] == '-'
            && text.AsSpan(Length - ChanceLength).IndexOfAnyExcept(Digits) < 0
            && DateTime.TryParseExact(text.AsSpan(0, 20), Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        id = isName ? new RunId(text!) : default;
        return isName;
    }

    /// <summary>The name as it is written.</summary>
    public override string ToString() => _value ?? "";

    static RunId IParsable<RunId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<RunId>.TryParse(string? s, IFormatProvider? provider, out RunId result) => TryParse(s, out result);
}
