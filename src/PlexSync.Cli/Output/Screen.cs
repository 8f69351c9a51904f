using System.Text;

namespace PlexSync.Cli.Output;

/// <summary>Standard output, for people.</summary>
internal sealed class Screen(Surroundings around, bool hasColor)
{
    public bool HasColor => hasColor;

    public void WriteLine(string line = "") => around.Out.Write($"{(around.Terminal.IsOutput ? Fit(line, around.Terminal) : line)}\n");

    /// <summary>A table without lines; in a cell, a new line stays within its column.</summary>
    public void WriteTable(string[] headings, List<string[]> rows)
    {
        var cells = rows.ConvertAll(static row => Array.ConvertAll(row, static cell => Array.ConvertAll(cell.Split('\n'), Texts.Clean)));
        var widths = Array.ConvertAll(headings, static heading => heading.Length);
        foreach (var row in cells)
        {
            for (var column = 0; column < row.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Max(static line => line.Length));
            }
        }

        WriteLine(Paint.Bold(Join(headings, widths), hasColor));
        foreach (var row in cells)
        {
            for (var line = 0; line < row.Max(static cell => cell.Length); line++)
            {
                WriteLine(Join(Array.ConvertAll(row, cell => line < cell.Length ? cell[line] : ""), widths));
            }
        }
    }

    /// <summary>For terminals that show nothing but ASCII: the signs of our own texts, in their plain form.</summary>
    public static string Fit(string text, Terminal terminal)
    {
        if (terminal.IsUnicode || Ascii.IsValid(text))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '–' or '—' => result.Append('-'),
                '’' or '‘' => result.Append('\''),
                '“' or '”' or '«' or '»' => result.Append('"'),
                '…' => result.Append("..."),
                '→' => result.Append("->"),
                '\u00A0' or '\u202F' => result.Append(' '),
                _ => result.Append(letter),
            };
        }

        return result.ToString();
    }

    private static string Join(string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (var column = 0; column < cells.Length; column++)
        {
            line.Append(cells[column].PadRight(widths[column] + 2));
        }

        return line.ToString().TrimEnd();
    }
}
