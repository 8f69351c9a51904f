using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace PlexSync.Cli.Output;

/// <summary>
/// The page as it is in <c>report.html</c>: pieces, each after a comment with its name. In a piece, <c>{{name}}</c> is a value, and
/// <c>{{Name}}</c> a text of the command line. Both are escaped, so nothing from a server can be markup.
/// </summary>
internal sealed class ReportTemplate
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly Dictionary<string, string[]> _pieces = [];

    public ReportTemplate()
    {
        // The hash is of what stands between the tags, as a browser reads it.
        var script = $"\n{Read("report.js")}\n";
        var hash = $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}";
        var html = Read("report.html").Replace("{{hash}}", hash, StringComparison.Ordinal)
            .Replace("{{style}}", Read("report.css"), StringComparison.Ordinal)
            .Replace("\n{{script}}\n", script, StringComparison.Ordinal);
        foreach (var piece in html.Split("<!--", StringSplitOptions.RemoveEmptyEntries))
        {
            var name = piece.IndexOf("-->\n", StringComparison.Ordinal);
            var text = piece[(name + 4)..];
            // Literal text and names take turns. The line break before the next comment is none of the page.
            _pieces.Add(piece[..name], text[..^(text.EndsWith('\n') ? 1 : 0)].Split(["{{", "}}"], StringSplitOptions.None));
        }
    }

    /// <summary>Writes a piece with these values, in any order.</summary>
    public void Write(TextWriter page, Texts texts, string name, ReadOnlySpan<(string Name, string Value)> values)
    {
        var piece = _pieces[name];
        for (var at = 0; at < piece.Length; at++)
        {
            if (at % 2 == 0)
            {
                page.Write(piece[at]);
            }
            else
            {
                Encoder.Encode(page, Texts.Clean(char.IsUpper(piece[at][0]) ? texts[piece[at]] : Find(piece[at], values)));
            }
        }
    }

    private static string Find(string name, ReadOnlySpan<(string Name, string Value)> values)
    {
        foreach (var value in values)
        {
            if (value.Name == name)
            {
                return value.Value;
            }
        }

        throw new ArgumentException($"There is no value for {name}.", nameof(values));
    }

    private static string Read(string file)
    {
        using var reader = new StreamReader(typeof(ReportTemplate).Assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd();
    }
}
