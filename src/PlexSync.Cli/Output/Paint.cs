namespace PlexSync.Cli.Output;

/// <summary>Colours. Six words of ANSI, where a console library adds 1.6 MB to the native binary.</summary>
internal static class Paint
{
    public static string Bold(string text, bool isOn) => Wrap(text, "1", isOn);

    public static string Dim(string text, bool isOn) => Wrap(text, "2", isOn);

    public static string Red(string text, bool isOn) => Wrap(text, "31", isOn);

    public static string Green(string text, bool isOn) => Wrap(text, "32", isOn);

    public static string Yellow(string text, bool isOn) => Wrap(text, "33", isOn);

    public static string Blue(string text, bool isOn) => Wrap(text, "36", isOn);

    /// <summary>The text without its colours.</summary>
    public static string Strip(string text)
    {
        while (text.IndexOf('\e', StringComparison.Ordinal) is >= 0 and var at)
        {
            text = text.Remove(at, text.IndexOf('m', at) + 1 - at);
        }

        return text;
    }

    private static string Wrap(string text, string code, bool isOn) => isOn ? $"\e[{code}m{text}\e[0m" : text;
}
