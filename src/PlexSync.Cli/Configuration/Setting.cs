namespace PlexSync.Cli.Configuration;

internal enum SettingKind
{
    /// <summary>On or off.</summary>
    Flag,

    /// <summary>One value.</summary>
    Value,

    /// <summary>Any number of values.</summary>
    List,
}

/// <summary>Something a user can set: as an option, as a variable, as a key of the configuration file.</summary>
/// <param name="Name">The long option without its dashes.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="ValueName">What the help calls its value; null for a flag.</param>
/// <param name="Letter">The short form of the option, where it has one.</param>
internal sealed record Setting(string Name, SettingKind Kind, string? ValueName = null, char? Letter = null)
{
    public string Option => $"--{Name}";

    public string? Alias => Letter is { } letter ? $"-{letter}" : null;

    public string Variable => VariableOf(Name);

    public string Key => KeyOf(Name);

    public static string VariableOf(string name) => $"PLEXSYNC_{name.Replace('-', '_').ToUpperInvariant()}";

    public static string KeyOf(string name) =>
        string.Concat(name.Split('-').Select(static (word, at) => at == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));

    public bool IsCalled(string option) => option == Option || option == Alias;
}
