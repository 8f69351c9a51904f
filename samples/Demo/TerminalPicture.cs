using System.Net;
using System.Text;
using PlexSync.Cli;

namespace PlexSync.Demo;

/// <summary>Draws what a terminal of the default width shows as an SVG, with a background of its own for light and dark pages.</summary>
internal static class TerminalPicture
{
    private const double CellWidth = 8.4;
    private const int LineHeight = 18;
    private const int Margin = 20;

    public static string Draw(string output)
    {
        var lines = output.Split('\n').Select(Show).ToList();
        var width = (int)(Terminal.DefaultWidth * CellWidth) + 2 * Margin;
        var height = lines.Count * LineHeight + 2 * Margin;
        var svg = new StringBuilder($$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{width}} {{height}}" width="{{width}}" height="{{height}}">
            <style>
            text { font: 14px ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
            text { fill: #d5dbe3; white-space: pre }
            .c1 { font-weight: bold; fill: #ffffff } .c2 { fill: #98a3b0 }
            .c31 { fill: #ff8f87 } .c32 { fill: #6fd58a } .c33 { fill: #ecc15f } .c36 { fill: #6fc5e8 }
            </style>
            <rect x="1" y="1" width="{{width - 2}}" height="{{height - 2}}" rx="8" fill="#161b22" stroke="#3a424d"/>

            """);
        for (var row = 0; row < lines.Count; row++)
        {
            for (var start = 0; start < lines[row].Count;)
            {
                var style = lines[row][start].Style;
                var text = string.Concat(lines[row].Skip(start).TakeWhile(cell => cell.Style == style).Select(static cell => cell.Letter));
                var blank = text.Length - text.TrimStart().Length;
                if (blank < text.Length)
                {
                    // The length keeps columns in line, whatever font there is.
                    svg.Append(FormattableString.Invariant(
                        $"<text x=\"{Margin + (start + blank) * CellWidth:0.0}\" y=\"{Margin + row * LineHeight + 13}\""));
                    svg.Append(FormattableString.Invariant($" textLength=\"{text.Trim().Length * CellWidth:0.0}\""));
                    svg.Append(style.Length > 0 ? $" class=\"c{style}\"" : "").Append($">{WebUtility.HtmlEncode(text.Trim())}</text>\n");
                }

                start += text.Length;
            }
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>What is left of a line after its carriage returns, letter by letter with its colour.</summary>
    private static List<(char Letter, string Style)> Show(string line)
    {
        var cells = new List<(char Letter, string Style)>();
        var (column, style) = (0, "");
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] == '\r')
            {
                column = 0;
            }
            else if (line[at] == '\e')
            {
                var end = line.IndexOf('m', at);
                style = line[(at + 2)..end].TrimStart('0');
                at = end;
            }
            else
            {
                if (column == cells.Count)
                {
                    cells.Add(default);
                }

                cells[column++] = (line[at], style);
            }
        }

        return cells;
    }
}
