using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Parsing;

/// <summary>
/// Spells options so that Cocona's parser takes them as they are meant: <c>--from:Ann</c>, <c>--dry-run false</c>, <c>-n=true</c>.
/// </summary>
internal static class WordSpelling
{
    /// <summary>What ends the options.</summary>
    public const string End = "--";

    public static bool IsOption(string word) => word.Length > 1 && word[0] == '-' && word != End;

    /// <summary>The option of a word that may hold its value, too.</summary>
    public static string NameOf(string word) => word.Split('=', ':')[0];

    /// <summary>Every option that is known as one word, <c>--name=value</c>; an option without its value has an empty one.</summary>
    public static IEnumerable<string> ForCocona(IReadOnlyList<string> words, IReadOnlyList<Setting> settings)
    {
        for (var at = 0; at < words.Count; at++)
        {
            var word = words[at];
            if (word == End)
            {
                foreach (var rest in words.Skip(at))
                {
                    yield return rest;
                }

                yield break;
            }

            var name = NameOf(word);
            var value = word.Length > name.Length ? word[(name.Length + 1)..] : null;
            if (!IsOption(word) || settings.FirstOrDefault(setting => setting.IsCalled(name)) is not { } setting)
            {
                yield return IsOption(word) && value is not null ? $"{name}={value}" : word;
                continue;
            }

            if (value is null && TakesNext(setting, words.ElementAtOrDefault(at + 1)))
            {
                value = words[++at];
            }

            yield return value is null && setting.Kind is SettingKind.Flag ? setting.Option : $"{setting.Option}={value}";
        }
    }

    /// <summary>Whether the word after an option is its value.</summary>
    public static bool TakesNext(Setting setting, string? next) =>
        setting.Kind is SettingKind.Flag ? bool.TryParse(next, out _) : next is not null && !IsOption(next) && next != End;

    /// <summary>The words without an option and its value; all of them where it is not among them.</summary>
    public static IEnumerable<string> Without(Setting setting, IReadOnlyList<string> words)
    {
        var isRest = false;
        for (var at = 0; at < words.Count; at++)
        {
            isRest |= words[at] == End;
            if (isRest || !setting.IsCalled(NameOf(words[at])))
            {
                yield return words[at];
            }
            else if (setting.IsCalled(words[at]) && TakesNext(setting, words.ElementAtOrDefault(at + 1)))
            {
                at++;
            }
        }
    }
}
