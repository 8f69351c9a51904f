using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace PlexSync.Cli.Output;

/// <summary>
/// What a run did, or would do, as one page for a browser: it asks nobody for anything, reads without its script, and is well-formed XML
/// too. What comes from servers only ever passes through <see cref="Text"/>.
/// </summary>
internal sealed class ReportPage(TextWriter page, Texts texts, bool isDryRun)
{
    /// <summary>What is read at one glance; beyond it, the parts of a library are folded.</summary>
    private const int Few = 200;

    /// <summary>As a browser reads it, or its hash would be another one.</summary>
    private static readonly string Script = $"\n{ReportAssets.Script}\n".ReplaceLineEndings("\n");

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly ChangeAction[] Actions =
        [ChangeAction.Watched, ChangeAction.Progress, ChangeAction.Unwatched, ChangeAction.Rating];
    private static readonly ChangeOutcome[] Outcomes =
        [ChangeOutcome.Applied, ChangeOutcome.Planned, ChangeOutcome.Failed, ChangeOutcome.Unknown, ChangeOutcome.Skipped];

    private ItemNames _names = new([]);
    private string _source = "";

    /// <summary>Writes the page piece by piece.</summary>
    public static async Task WriteAsync(SyncOutcome outcome, DateTimeOffset now, Texts texts, Stream stream)
    {
        await using var writer =
            new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 32 * 1024, leaveOpen: true)
            {
                NewLine = "\n",
            };
        // A run that was stopped before it tried anything shows what would have been, like a dry run.
        var isPlan = outcome.IsDryRun
            || (outcome.IsStopped && outcome.Reports.All(
                static report => report.Results.All(static result => result.Outcome is ChangeOutcome.Planned)));
        new ReportPage(writer, texts, outcome.IsDryRun).Write(outcome, now, isPlan ? texts["Report_Plan"] : texts["Report_Done"]);
    }

    private void Write(SyncOutcome outcome, DateTimeOffset now, string title)
    {
        var reports = outcome.Reports;
        var changes = reports.Sum(static report => report.Results.Count);
        WriteHead(title, reports);
        Element("h1", title);
        WriteState(outcome, changes);
        WriteFacts(outcome, now);
        if (changes > 0)
        {
            WriteSearch(reports);
        }

        for (var at = 0; at < reports.Count; at++)
        {
            Write(reports[at], at + 1, outcome.IsReviewed, changes <= Few);
        }

        Raw("<footer>");
        Element("p", $"plexsync {CommandContext.Version}");
        Raw("</footer>\n</main>\n");
        if (changes > 0)
        {
            Raw("<script>");
            Raw(Script);
            Raw("</script>\n");
        }

        Raw("</body>\n</html>\n");
    }

    private void WriteHead(string title, IReadOnlyList<SyncReport> reports)
    {
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));
        Raw("<!DOCTYPE html>\n<html lang=\"");
        Text(texts.Name);
        Raw("\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta http-equiv=\"Content-Security-Policy\" content=\""
            + "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-");
        Raw(hash);
        Raw("'; base-uri 'none'; form-action 'none'\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
        Element(
            "title",
            reports.Count == 0 ? $"{title} – PlexSync"
                : $"{Phrases.Heading(reports[0].Plan, texts)}{(reports.Count > 1 ? " …" : "")} – {title}");
        Raw("<style>\n");
        Raw(ReportAssets.Style);
        Raw("\n</style>\n</head>\n<body>\n<main>\n");
    }

    /// <summary>What it came to, first of all.</summary>
    private void WriteState(SyncOutcome outcome, int changes)
    {
        if (outcome.Failure is { } failure)
        {
            Note(
                outcome.IsStopped ? $"{texts[outcome.Reports.Count == 0 ? "Report_NoPlan" : "Report_Stopped"]} {failure.Message}"
                    : failure.Message,
                "note bad");
        }

        foreach (var member in outcome.LeftOut)
        {
            Note(texts.Format("Member_LeftOut", member.User.Title, member.Failure.Message), "note warn");
        }

        if (outcome.IsDryRun)
        {
            Note(texts["Report_DryRun"]);
        }

        if (changes == 0 && !outcome.IsStopped)
        {
            Note(texts["Report_Nothing"]);
        }
    }

    private void WriteFacts(SyncOutcome outcome, DateTimeOffset now)
    {
        Raw("<dl>\n");
        Fact(texts["Report_When"], now);
        Fact(texts["Column_Run"], $"{outcome.Id}");
        Fact(texts["Report_Took"], texts.Duration(outcome.Elapsed));
        Raw("</dl>\n");
    }

    /// <summary>Hidden where no script runs.</summary>
    private void WriteSearch(IReadOnlyList<SyncReport> reports)
    {
        Raw("<div id=\"find\" role=\"search\" hidden=\"hidden\">\n<div>");
        Raw("<label for=\"query\">");
        Text(texts["Report_Search"]);
        Raw("</label><input id=\"query\" type=\"search\" autocomplete=\"off\"/></div>\n<div><label for=\"show\">");
        Text(texts["Report_Show"]);
        Raw("</label><select id=\"show\">");
        Option("", texts["Report_All"]);
        foreach (var action in Actions)
        {
            if (reports.Any(report => report.Results.Any(result => result.Change.Action == action)))
            {
                Option(ClassOf(action), NameOf(action));
            }
        }

        if (reports.Any(static report => report.Plan.Removals > 0))
        {
            Option("x", texts["Report_Removals"]);
        }

        foreach (var outcome in Outcomes)
        {
            if (!isDryRun && reports.Any(report => report.Results.Any(result => result.Outcome == outcome)))
            {
                Option(ClassOf(outcome), NameOf(outcome));
            }
        }

        Raw("</select></div>\n<output id=\"shown\" for=\"query show\" data-text=\"");
        Text(texts["Report_Shown"]);
        Raw("\"></output>\n</div>\n");
    }

    private void Write(SyncReport report, int number, bool isReviewed, bool isOpen)
    {
        var plan = report.Plan;
        _names = new ItemNames(report.Results.Select(static result => result.Change.Item));
        _source = plan.MoreSources.Count > 0 ? texts["Why_Another"] : texts.Users.Of(plan.Source);
        Raw($"<section aria-labelledby=\"t{number}\">\n<h2 id=\"t{number}\">");
        Text(Phrases.Heading(plan, texts));
        Raw("</h2>\n");
        if (report.Error is { } error)
        {
            Note(texts.Format("Stopped", Failure.Describe(error, texts)), "note bad");
        }

        if (plan.OnlyRemembersUnwatched)
        {
            Note(texts["Unwatched_First"]);
        }

        if (plan.Identity is IdentityProof.Declared)
        {
            Note(texts.Format("Identity_Declared", texts.Users.Of(plan.Target)));
        }

        foreach (var library in plan.Libraries)
        {
            if (library.Error is { } reason)
            {
                Note(
                    texts.Format("Item_Failed", library.Library.Title, texts.Format("LeftOut", Failure.Describe(reason, texts))),
                    "note warn");
            }
        }

        Raw("<dl>\n");
        Fact(texts["Report_Policy"], plan.Policy);
        Fact(texts["Column_Server"], plan.Server.Name);
        if (isReviewed)
        {
            Fact(texts["Report_Planned"], plan.CreatedAt);
        }

        Fact(texts["Report_Changes"], texts.Number(report.Results.Count));
        if (plan.Removals > 0)
        {
            Fact(texts["Report_Removals"], texts.Number(plan.Removals));
        }

        if (report.Verified > 0)
        {
            Fact(texts["Report_Verified"], texts.Number(report.Verified));
        }

        Raw("</dl>\n");
        var parts = Part.Of(report);
        WriteOutcomes(report);
        WriteLibraries(parts, $"t{number}l");
        WriteSkips(report);
        if (report.Results.Count > 0)
        {
            Element("h3", texts["Report_Changes"]);
            foreach (var part in parts)
            {
                Write(part, isOpen);
            }
        }

        Raw("</section>\n");
    }

    /// <summary>How much of it is done.</summary>
    private void WriteOutcomes(SyncReport report)
    {
        if (isDryRun || report.Results.Count == 0)
        {
            return;
        }

        var counts = Array.ConvertAll(Outcomes, report.Count);
        Element("h3", texts["Column_Outcome"]);
        Raw("<div class=\"wide\"><table class=\"sum outcomes\">\n<caption>");
        Text(texts["Report_OutcomeOf"]);
        Raw("</caption>\n<thead><tr>");
        Heading(texts["Column_Outcome"]);
        Heading(texts["Report_HowMany"], "n");
        Raw("</tr></thead>\n<tbody>\n");
        for (var at = 0; at < counts.Length; at++)
        {
            if (counts[at] > 0)
            {
                var color = Outcomes[at] switch
                {
                    ChangeOutcome.Applied => "cw",
                    ChangeOutcome.Planned => "cp",
                    ChangeOutcome.Skipped => "cs",
                    _ => "cf",
                };
                Raw("<tr><th scope=\"row\">");
                Text(NameOf(Outcomes[at]));
                Raw("<span class=\"stack\" aria-hidden=\"true\">");
                Bar(color, counts[at], report.Results.Count);
                Raw("</span></th>");
                Cell(counts[at]);
                Raw("</tr>\n");
            }
        }

        Raw("</tbody></table></div>\n");
    }

    /// <summary>A bar per library, and beside it the numbers that it is made of.</summary>
    private void WriteLibraries(List<Part> parts, string id)
    {
        if (parts.Count == 0)
        {
            return;
        }

        var total = new int[Actions.Length + 1];
        var most = 1;
        foreach (var part in parts)
        {
            most = Math.Max(most, part.Counts.Sum());
            for (var at = 0; at < total.Length; at++)
            {
                total[at] += part.Counts[at];
            }
        }

        Element("h3", texts["Report_Libraries"]);
        Raw("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"");
        Raw(id);
        Raw("\"><table class=\"sum libraries\">\n<caption id=\"");
        Raw(id);
        Raw("\">");
        Text(texts["Report_LibrariesOf"]);
        Raw("</caption>\n<thead><tr>");
        Heading(texts["Report_Library"]);
        for (var at = 0; at < total.Length; at++)
        {
            if (total[at] > 0)
            {
                Raw($"<th scope=\"col\" class=\"n\"><i class=\"key c{ClassOf(at)}\"></i>");
                Text(NameOf(at));
                Raw("</th>");
            }
        }

        Raw("</tr></thead>\n<tbody>\n");
        foreach (var part in parts)
        {
            Raw("<tr><th scope=\"row\"><bdi>");
            Text(part.Title);
            Raw("</bdi>");
            if (part.Counts.Sum() > 0)
            {
                Raw("<span class=\"stack\" aria-hidden=\"true\">");
                for (var at = 0; at < total.Length; at++)
                {
                    Bar($"c{ClassOf(at)}", part.Counts[at], most);
                }

                Raw("</span>");
            }
            else
            {
                Small(part.IsLeftOut ? texts["Report_LeftOut"] : texts["NothingToSync"]);
            }

            Raw("</th>");
            WriteCounts(part.Counts, total);
            Raw("</tr>\n");
        }

        Raw("</tbody>\n");
        if (parts.Count > 1)
        {
            Raw("<tfoot><tr><th scope=\"row\">");
            Text(texts["Report_Total"]);
            Raw("</th>");
            WriteCounts(total, total);
            Raw("</tr></tfoot>\n");
        }

        Raw("</table></div>\n");
    }

    private void WriteCounts(int[] counts, int[] total)
    {
        for (var at = 0; at < counts.Length; at++)
        {
            if (total[at] > 0)
            {
                Cell(counts[at]);
            }
        }
    }

    private void WriteSkips(SyncReport report)
    {
        var skips = SkipCount.Of(report);
        if (skips.Count == 0)
        {
            return;
        }

        Element("h3", texts["Report_Skips"]);
        Raw("<table class=\"skips\">\n<caption>");
        Text(texts["Report_SkipsOf"]);
        Raw("</caption>\n<thead><tr>");
        Heading(texts["Report_Why"]);
        Heading(texts["Report_HowMany"], "n");
        Raw("</tr></thead>\n<tbody>\n");
        foreach (var skip in skips)
        {
            Raw("<tr><th scope=\"row\">");
            Text(Capital(texts[$"Reason_{skip.Reason}"]));
            if (skip.Reason is SkipReason.StateDamaged)
            {
                var damaged = report.Plan.Skipped.Where(static skipped => skipped.Reason is SkipReason.StateDamaged);
                Small(string.Join(", ", damaged.Select(static skipped => skipped.Item.DisplayTitle)));
            }

            Raw("</th>");
            Cell(skip.Count);
            Raw("</tr>\n");
        }

        Raw("</tbody></table>\n");
    }

    /// <summary>A library's changes: a group for each show or artist, films in handfuls.</summary>
    private void Write(Part part, bool isOpen)
    {
        if (part.Results.Count == 0)
        {
            return;
        }

        Raw("<details class=\"library\" open=\"open\"><summary><h4><bdi>");
        Text(part.Title);
        Raw("</bdi></h4> <span>");
        Text(texts.Number(part.Results.Count));
        Raw("</span></summary>\n");
        var results = part.Results;
        results.Sort(Compare);
        for (var from = 0; from < results.Count;)
        {
            var show = results[from].Change.Item.ShowTitle;
            var to = from + 1;
            while (to < results.Count && results[to].Change.Item.ShowTitle == show && (show is not null || to - from < Few))
            {
                to++;
            }

            // Films that are few need no heading of their own.
            Write(results, from, to, show, isFolded: show is not null || from > 0 || to < results.Count, isOpen);
            from = to;
        }

        Raw("</details>\n");
    }

    private void Write(List<ChangeResult> results, int from, int to, string? show, bool isFolded, bool isOpen)
    {
        var (first, last) = (results[from].Change.Item.Title, results[to - 1].Change.Item.Title);
        var name = show ?? (to - from == 1 ? first : $"{first} – {last}");
        if (isFolded)
        {
            Raw($"<details class=\"group{(show is null ? "" : " show")}\"{(isOpen ? " open=\"open\"" : "")}><summary><bdi>");
            Text(name);
            Raw("</bdi> <span>");
            Text(texts.Number(to - from));
            Raw("</span></summary>\n");
        }
        else
        {
            Raw("<div class=\"group\">\n");
        }

        Raw("<table class=\"rows\"><caption><bdi>");
        Text(name);
        Raw("</bdi></caption><thead><tr>");
        Heading(texts["Report_Item"]);
        Heading(texts["Report_Before"]);
        Heading(texts["Report_After"]);
        Heading(texts["Column_Outcome"]);
        Raw("</tr></thead><tbody>\n");
        for (var at = from; at < to; at++)
        {
            Write(results[at]);
        }

        Raw("</tbody></table>");
        Raw(isFolded ? "</details>\n" : "</div>\n");
    }

    private void Write(ChangeResult result)
    {
        var change = result.Change;
        Raw($"<tr class=\"{ClassOf(change.Action)} {ClassOf(result.Outcome)}{(change.IsRemoval ? " x" : "")}\"><th scope=\"row\"><bdi>");
        Text(_names.WithinGroup(change.Item));
        Raw("</bdi>");
        var reason = $"Why_{change.Reason}";
        if (texts.Has(reason))
        {
            Small(texts.Format("Report_Because", texts.Format(reason, _source)));
        }
        else if (change.Reason != ChangeReason.Undone)
        {
            Small(change.Reason.ToString());
        }

        Raw("</th>");
        State(change, change.Before);
        State(change, change.After);
        Raw("<td>");
        Text(NameOf(result.Outcome));
        if (result.Outcome is ChangeOutcome.Failed or ChangeOutcome.Skipped)
        {
            Small(Phrases.Why(result, texts));
        }

        Raw("</td></tr>\n");
    }

    /// <summary>One side of a change: a tick, a bar, or a rating.</summary>
    private void State(PlannedChange change, WatchState state)
    {
        Raw("<td>");
        if (change.Action is ChangeAction.Rating)
        {
            Text(Phrases.Rating(state.UserRating, texts));
            if (state.UserRating is { } rating)
            {
                Progress(rating / 10);
            }
        }
        else if (state.IsEmpty)
        {
            Raw("<span class=\"no\">");
            Text(texts["State_Nothing"]);
            Raw("</span>");
        }
        else
        {
            if (state.IsWatched)
            {
                Raw("<span class=\"yes\">✓ ");
                Text(texts.Count("State_Watched", state.ViewCount));
                Raw("</span> ");
            }

            if (state.IsInProgress)
            {
                var position = Phrases.Position(state.Position);
                Text(
                    change.Item.Duration is { } length ? texts.Format("Report_Of", position, Phrases.Position(length))
                        : texts.Format("State_Position", position));
                if (change.Item.Duration is { } whole)
                {
                    Progress(state.Position / whole);
                }
            }
        }

        Raw("</td>");
    }

    private void Progress(double share) =>
        Raw(
            string.Create(
                CultureInfo.InvariantCulture, $"<i class=\"bar\"><i style=\"width:{Math.Clamp(share, 0, 1) * 100:0}%\"></i></i>"));

    private void Bar(string color, int count, int whole)
    {
        if (count > 0)
        {
            Raw(string.Create(CultureInfo.InvariantCulture, $"<i class=\"{color}\" style=\"width:{100d * count / whole:0.##}%\"></i>"));
        }
    }

    private static int Compare(ChangeResult one, ChangeResult other)
    {
        MediaItem a = one.Change.Item, b = other.Change.Item;
        var order = string.Compare(a.ShowTitle, b.ShowTitle, StringComparison.OrdinalIgnoreCase);
        order = order != 0 ? order : string.CompareOrdinal(a.ShowTitle, b.ShowTitle);
        order = order != 0 ? order : (a.SeasonNumber ?? 0) - (b.SeasonNumber ?? 0);
        order = order != 0 ? order : (a.EpisodeNumber ?? 0) - (b.EpisodeNumber ?? 0);
        order = order != 0 ? order : string.Compare(a.Title, b.Title, StringComparison.OrdinalIgnoreCase);
        return order != 0 ? order : string.CompareOrdinal($"{a.RatingKey} {one.Change.Action}", $"{b.RatingKey} {other.Change.Action}");
    }

    private static string ClassOf(int column) => column < Actions.Length ? ClassOf(Actions[column]) : "s";

    private static string ClassOf(ChangeAction action) => action switch
    {
        ChangeAction.Watched => "w",
        ChangeAction.Progress => "p",
        ChangeAction.Unwatched => "u",
        _ => "r",
    };

    private static string ClassOf(ChangeOutcome outcome) => outcome switch
    {
        ChangeOutcome.Planned => "op",
        ChangeOutcome.Applied => "oa",
        ChangeOutcome.Failed => "of",
        ChangeOutcome.Unknown => "oq",
        _ => "os",
    };

    private string NameOf(int column) => column < Actions.Length ? NameOf(Actions[column]) : texts["Report_Skipped"];

    private string NameOf(ChangeAction action) => texts[$"Report_Action_{action}"];

    private string NameOf(ChangeOutcome outcome) =>
        texts[isDryRun && outcome is ChangeOutcome.Planned ? "Report_Outcome_WouldChange" : $"Report_Outcome_{outcome}"];

    private static string Capital(string sentence) => $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]}";

    private void Fact(string name, string value)
    {
        Element("dt", name);
        Element("dd", value);
    }

    private void Fact(string name, DateTimeOffset time)
    {
        Element("dt", name);
        Raw($"<dd><time datetime=\"{StateDocument.Time(time)}\">");
        var utc = time.UtcDateTime;
        var day = utc.Day == 1 ? texts["Report_FirstDay"] : utc.Day.ToString(CultureInfo.InvariantCulture);
        Text(
            texts.Format("Report_Date", day, texts["Report_Months"].Split(' ')[utc.Month - 1], utc.Year, utc.ToString(
                "HH:mm", CultureInfo.InvariantCulture)));
        Raw("</time></dd>\n");
    }

    private void Note(string sentence, string kind = "note")
    {
        Raw($"<p class=\"{kind}\">");
        Text(sentence);
        Raw("</p>\n");
    }

    private void Heading(string name, string? kind = null)
    {
        Raw(kind is null ? "<th scope=\"col\">" : $"<th scope=\"col\" class=\"{kind}\">");
        Text(name);
        Raw("</th>");
    }

    private void Option(string value, string name)
    {
        Raw($"<option value=\"{value}\">");
        Text(name);
        Raw("</option>");
    }

    private void Small(string text)
    {
        Raw(" <small>");
        Text(text);
        Raw("</small>");
    }

    private void Cell(int number)
    {
        Raw("<td class=\"n\">");
        Text(texts.Number(number));
        Raw("</td>");
    }

    private void Element(string name, string text)
    {
        Raw($"<{name}>");
        Text(text);
        Raw($"</{name}>\n");
    }

    /// <summary>Anything; what could be markup, or could turn the writing direction, is only text.</summary>
    private void Text(string text) => Encoder.Encode(page, Texts.Clean(text));

    /// <summary>Our own markup, in which nothing is from a server.</summary>
    private void Raw(string markup) => page.Write(markup);

    /// <summary>A library with what changes in it.</summary>
    private sealed class Part(string title, bool isLeftOut)
    {
        public string Title => title;

        /// <summary>It could not be read whole.</summary>
        public bool IsLeftOut => isLeftOut;

        public List<ChangeResult> Results { get; } = [];

        /// <summary>How many by action, in their order, and how many are left as they are.</summary>
        public int[] Counts { get; } = new int[Actions.Length + 1];

        public static List<Part> Of(SyncReport report)
        {
            var parts = new Dictionary<LibraryKey, Part>();
            var inOrder = new List<Part>();
            foreach (var comparison in report.Plan.Libraries)
            {
                var part = new Part(comparison.Library.Title, comparison.Error is not null);
                inOrder.Add(part);
                // Of a library that was left out nothing is written; across servers, its key may be another one's too.
                if (!part.IsLeftOut)
                {
                    parts.TryAdd(comparison.Library.Key, part);
                }
            }

            foreach (var result in report.Results)
            {
                var part = At(result.Change.Library);
                part.Results.Add(result);
                part.Counts[result.SkipReason is null ? Array.IndexOf(Actions, result.Change.Action) : Actions.Length]++;
            }

            foreach (var skipped in report.Plan.Skipped)
            {
                At(skipped.Library).Counts[^1]++;
            }

            return inOrder;

            Part At(LibraryKey key)
            {
                if (!parts.TryGetValue(key, out var part))
                {
                    parts.Add(key, part = new Part($"{key}", isLeftOut: false));
                    inOrder.Add(part);
                }

                return part;
            }
        }
    }
}
