using System.Globalization;
using System.Text;

namespace PlexSync;

/// <summary>What the title of an episode says about which episode it is.</summary>
internal static class EpisodeTitle
{
    /// <summary>What agents write where an episode has no title of its own, mostly with its number.</summary>
    private static readonly HashSet<string> Placeholders = WordsOf(
        "e ep episode episodio episodi epizoda epizod folge aflevering avsnitt afsnit odcinek jakso серия эпизод "
        + "capitulo chapitre chapter kapitel capitolo part partie parte teil deel del pt "
        + "s season saison staffel temporada stagione seizoen sasong tba tbd tbc unknown untitled title 第 話 话 集 화 회 제").ToHashSet();

    /// <summary>
    /// The letters and digits of a title, by which it can be compared in whatever capitals and Unicode form it is written; null where it
    /// says nothing, as <c>Episode 3</c>, <c>Folge 3</c>, <c>TBA</c> or none at all.
    /// </summary>
    public static string? Distinctive(CatalogueItem episode)
    {
        var words = WordsOf(episode.Title);
        var names = words.Where(static word => !char.IsDigit(word[0])).ToList();
        // "Jakso 3" of the third episode: its number after a word of some other language.
        var isNumbered = names.Count == 1 && words.Exists(word => IsNumber(word, episode.Episode));
        return isNumbered || names.TrueForAll(Placeholders.Contains) ? null : string.Concat(words);
    }

    private static bool IsNumber(string word, int expected) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == expected;

    /// <summary>The words and the numbers, without accents, signs and spaces.</summary>
    private static List<string> WordsOf(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var letter in NameComparison.Decompose(text))
        {
            if (letter is >= '\u0300' and <= '\u036F')
            {
                continue;
            }

            if (word.Length > 0 && (!IsPart(letter) || char.IsDigit(letter) != char.IsDigit(word[0])))
            {
                words.Add(word.ToString());
                word.Clear();
            }

            _ = IsPart(letter) ? word.Append(char.ToUpperInvariant(letter)) : word;
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    /// <summary>Vowel signs and half of an emoji are parts of words too.</summary>
    private static bool IsPart(char letter) => char.IsLetterOrDigit(letter) || char.IsSurrogate(letter)
        || char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
