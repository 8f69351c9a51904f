using System.Globalization;

namespace PlexSync.Cli.Configuration;

/// <summary>What was set, and where, for messages.</summary>
/// <param name="Values">At least one; none for an empty list of a job.</param>
/// <param name="Origin">The option, the variable, or the key with its file.</param>
/// <param name="IsTyped">It is an option of the command line.</param>
internal sealed record Given(IReadOnlyList<string> Values, string Origin, bool IsTyped = false)
{
    /// <summary>No duration that makes sense has more.</summary>
    private const int MostOfAUnit = 1_000_000;

    public string Value => Values[0];

    public bool ToFlag() => Value.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => throw Invalid("Invalid_Flag"),
    };

    public int ToNumber(int from, int to) => FindNumber(from, to)
        ?? throw (to == int.MaxValue ? Invalid("Invalid_NumberFrom", from) : Invalid("Invalid_Number", from, to));

    /// <summary>Null for "auto".</summary>
    public int? ToNumberOrAuto(int from, int to) => Value.Equals("auto", StringComparison.OrdinalIgnoreCase)
        ? null
        : FindNumber(from, to) ?? throw Invalid("Invalid_NumberOrAuto", from, to);

    public TimeSpan ToSeconds(double from, double to) =>
        double.TryParse(Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= from && seconds <= to
            ? TimeSpan.FromSeconds(seconds)
            : throw Invalid("Invalid_Seconds", from, to);

    /// <summary>A time such as 60s, 5m, 6h or 1d; a number alone is seconds.</summary>
    public TimeSpan ToDuration(string from, string to) =>
        FindDuration(Value) is { } time && time >= FindDuration(from) && time <= FindDuration(to) ? time
            : throw Invalid("Invalid_Duration", from, to);

    public CliException Invalid(string key, params object[] bounds) => new(CliException.Usage, key, [Origin, Value, .. bounds]);

    private static TimeSpan? FindDuration(string text)
    {
        var (number, second) = text.Length > 0 && char.IsAsciiLetter(text[^1])
            ? (text[..^1], char.ToLowerInvariant(text[^1]) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 })
            : (text, 1);
        return second > 0 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MostOfAUnit
            ? TimeSpan.FromTicks(count * (long)second * TimeSpan.TicksPerSecond) : null;
    }

    private int? FindNumber(int from, int to) =>
        int.TryParse(Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= from && number <= to
            ? number
            : null;
}
