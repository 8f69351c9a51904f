using System.Globalization;
using System.Resources;
using PlexSync.Cli.Output;

namespace PlexSync.Cli;

/// <summary>Everything the command line says, in one language.</summary>
internal sealed class Texts(CultureInfo culture)
{
    public const string English = "en";
    public const string French = "fr";

    private static readonly string[] LanguageVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];

    /// <summary>The names of values, in the order of the text Help_ValueNames.</summary>
    private static readonly string[] ValueNames =
        ["USER", "NAME", "FILE", "POLICY", "HOW", "KIND", "RUN", "TYPE", "TITLE", "JOB", "DURATION"];

    private readonly ResourceManager _resources = new("PlexSync.Cli.Resources.Texts", typeof(Texts).Assembly);

    /// <summary>The language.</summary>
    public string Name => culture.Name;

    /// <summary>What users are called.</summary>
    public UserNames Users { get; } = new();

    public string this[string key] => _resources.GetString(key, culture) ?? throw new MissingManifestResourceException(key);

    public static Texts Of(string language) => new(new CultureInfo(language));

    /// <summary>The language for these variables: the first of the usual three that says anything, and English.</summary>
    public static string LanguageOf(IReadOnlyDictionary<string, string> environment)
    {
        var locale = LanguageVariables.Select(name => environment.GetValueOrDefault(name))
            .FirstOrDefault(static value => value is { Length: > 0 });
        return Language(locale) ?? English;
    }

    /// <summary>The language of a word such as <c>fr</c> or <c>fr_FR.UTF-8</c>; null for one there are no texts in.</summary>
    public static string? Language(string? locale) =>
        locale is null || (locale.Length > 2 && locale[2] is not ('_' or '-' or '.')) ? null
        : locale.StartsWith(French, StringComparison.OrdinalIgnoreCase) ? French
        : locale.StartsWith(English, StringComparison.OrdinalIgnoreCase) ? English
        : null;

    public bool Has(string key) => _resources.GetString(key, culture) is not null;

    public string Format(string key, params object?[] arguments) => string.Format(culture, this[key], Array.ConvertAll(arguments, Clean));

    /// <summary>A sentence about a number, which is its first placeholder; French counts none as one.</summary>
    public string Count(string key, long number, params object?[] arguments)
    {
        var isSingular = number == 1 || (number == 0 && culture.Name == French);
        return Format($"{key}_{(isSingular ? "One" : "Many")}", [Number(number), .. arguments]);
    }

    /// <summary>The same where there are any.</summary>
    public string[] Some(string key, long number) => number > 0 ? [Count(key, number)] : [];

    /// <summary>A number with its thousands apart.</summary>
    public string Number(long number) =>
        number.ToString("N0", CultureInfo.InvariantCulture).Replace(",", this["GroupSeparator"], StringComparison.Ordinal);

    /// <summary>A number as exact as it is small.</summary>
    public string Decimal(double number) =>
        number >= 10 ? Number((long)number) : Point(number, "0.0");

    public string Duration(TimeSpan time) => time < TimeSpan.FromMinutes(2)
        ? Format("Seconds", Point(time.TotalSeconds, time < TimeSpan.FromSeconds(10) ? "0.0" : "0"))
        : time < TimeSpan.FromHours(2) ? Format("Minutes", (int)time.TotalMinutes, time.Seconds)
        : Format("Hours", Number((long)time.TotalHours), time.Minutes);

    /// <summary>A day and a time, such as 27 Nov 2026, 10:00 UTC.</summary>
    public string Moment(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        var day = utc.Day == 1 ? this["Moment_FirstDay"] : utc.Day.ToString(CultureInfo.InvariantCulture);
        var month = this["Moment_Months"].Split(' ')[utc.Month - 1];
        return Format("Moment", day, month, utc.Year, utc.ToString("HH:mm", CultureInfo.InvariantCulture));
    }

    /// <summary>What kind of library it is; Plex's own word for a kind that is not known.</summary>
    public string LibraryType(string type) => Has($"Library_{type}") ? this[$"Library_{type}"] : type;

    /// <summary>A day and a time of day in the user's time zone.</summary>
    public string When(DateTimeOffset time, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone);
        var month = this["Months_Short"].Split(' ')[local.Month - 1];
        return string.Create(CultureInfo.InvariantCulture, $"{local.Day} {month} {local:yyyy HH:mm}");
    }

    /// <summary>What the help calls a value, such as USER, in this language.</summary>
    public string ValueName(string name)
    {
        var translated = this["Help_ValueNames"].Split(' ');
        for (var index = 0; index < ValueNames.Length; index++)
        {
            name = name.Replace(ValueNames[index], translated[index], StringComparison.Ordinal);
        }

        return name;
    }

    /// <summary>What somebody gave, of ten.</summary>
    public string Rating(double rating) => Point(rating, "0.#");

    /// <summary>
    /// Names and messages come from servers: what could move the cursor, colour the screen or turn the writing direction is left out.
    /// </summary>
    public static string Clean(string text)
    {
        foreach (var letter in text)
        {
            if (IsUnprintable(letter))
            {
                return string.Concat(text.Where(static other => !IsUnprintable(other)));
            }
        }

        return text;
    }

    /// <summary>
    /// C0 and C1 controls, line and paragraph separators, what changes the direction of writing, and what is no character at all.
    /// </summary>
    private static bool IsUnprintable(char letter) =>
        char.IsControl(letter) || letter is '\u061C' or (>= '\u200E' and <= '\u200F') or (>= '\u2028' and <= '\u202E')
            or (>= '\u2066' and <= '\u2069') or >= '\uFFFE';

    private string Point(double number, string format) =>
        number.ToString(format, CultureInfo.InvariantCulture).Replace(".", this["DecimalSeparator"], StringComparison.Ordinal);

    private static object? Clean(object? argument) => argument is string text ? Clean(text) : argument;
}
