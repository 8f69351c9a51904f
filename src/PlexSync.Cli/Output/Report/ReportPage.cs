using System.Globalization;
using System.Text;

namespace PlexSync.Cli.Output;

/// <summary>
/// What a run did, or would do, as one page for a browser: it asks nobody for anything, reads without its script, and is well-formed XML
/// too. Its markup is in <c>report.html</c>; this fills it, piece by piece.
/// </summary>
internal sealed class ReportPage
{
    /// <summary>With more changes than this, the groups of a page are folded, and more films than this make several groups.</summary>
    private const int Few = 200;

    private static readonly Lazy<ReportTemplate> Template = new(static () => new ReportTemplate());
    private static readonly ChangeAction[] Actions =
        [ChangeAction.Watched, ChangeAction.Progress, ChangeAction.Unwatched, ChangeAction.Rating];
    private static readonly ChangeOutcome[] Outcomes =
        [ChangeOutcome.Applied, ChangeOutcome.Planned, ChangeOutcome.Failed, ChangeOutcome.Unknown, ChangeOutcome.Skipped];

    private readonly TextWriter _page;
    private readonly Texts _texts;
    private readonly SyncOutcome _outcome;
    private readonly int _changes;
    private ItemNames _names = new([]);

    private ReportPage(TextWriter page, Texts texts, SyncOutcome outcome)
    {
        (_page, _texts, _outcome) = (page, texts, outcome);
        _changes = outcome.Reports.Sum(static report => report.Results.Count);
    }

    /// <summary>Writes the page piece by piece.</summary>
    public static async Task WriteAsync(SyncOutcome outcome, DateTimeOffset now, Texts texts, Stream stream)
    {
        await using var writer =
            new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 32 * 1024, leaveOpen: true)
            {
                NewLine = "\n",
            };
        new ReportPage(writer, texts, outcome).WritePage(now);
    }

    private void WritePage(DateTimeOffset now)
    {
        var reports = _outcome.Reports;
        // A run that was stopped before it tried anything shows what would have been, like a dry run.
        var isPlan = _outcome.IsDryRun
            || (_outcome.IsStopped && reports.All(
                static report => report.Results.All(static result => result.Outcome is ChangeOutcome.Planned)));
        var heading = _texts[isPlan ? "Report_Plan" : "Report_Done"];
        var title = reports.Count == 0 ? $"{heading} – PlexSync"
            : $"{Phrases.Heading(reports[0].Plan, _texts)}{(reports.Count > 1 ? " …" : "")} – {heading}";
        Write("start", ("language", _texts.Name), ("title", title), ("heading", heading));
        WriteTime("Report_When", now);
        WriteFact("Column_Run", $"{_outcome.Id}");
        WriteFact("Report_Took", _texts.Duration(_outcome.Elapsed));
        Write("endfacts");
        WriteNotes();
        if (_outcome.FindNext() is var (name, command))
        {
            Write("command", ("name", _texts[name]), ("command", command));
        }

        if (reports.Count > 1)
        {
            WriteTiles(reports);
        }

        Write("endheader");
        WriteSearch(reports);
        for (var at = 0; at < reports.Count; at++)
        {
            WriteTarget(reports[at], $"{at + 1}");
        }

        Write("end", ("version", CommandContext.Version));
    }

    /// <summary>What it came to, first of all.</summary>
    private void WriteNotes()
    {
        if (_outcome.Failure is { } failure)
        {
            var text = _outcome.IsStopped ? $"{_texts[_outcome.Reports.Count == 0 ? "Report_NoPlan" : "Report_Stopped"]} {failure.Message}"
                : failure.Message;
            WriteNote(text, "bad");
        }

        foreach (var member in _outcome.LeftOut)
        {
            WriteNote(_texts.Format("Member_LeftOut", member.User.Title, member.Failure.Message), "warn");
        }

        if (_outcome.IsDryRun)
        {
            WriteNote(_texts["Report_DryRun"]);
        }

        if (_changes == 0 && !_outcome.IsStopped)
        {
            WriteNote(_texts["Report_Nothing"]);
        }
    }

    /// <summary>Hidden where no script runs.</summary>
    private void WriteSearch(IReadOnlyList<SyncReport> reports)
    {
        if (_changes == 0)
        {
            return;
        }

        Write("find");
        foreach (var action in Actions.Where(action => Has(result => result.Change.Action == action)))
        {
            Write("option", ("value", ClassOf(action)), ("name", NameOf(action)));
        }

        if (Has(static result => result.Change.IsRemoval))
        {
            Write("option", ("value", "x"), ("name", _texts["Report_Removals"]));
        }

        foreach (var outcome in Outcomes.Where(
            outcome => outcome is ChangeOutcome.Skipped ? reports.Any(static report => SkipCount.Of(report).Count > 0)
                : !_outcome.IsDryRun && Has(result => result.Outcome == outcome)))
        {
            Write("option", ("value", ClassOf(outcome)), ("name", NameOf(outcome)));
        }

        Write("endfind");

        bool Has(Func<ChangeResult, bool> isMeant) => reports.Any(report => report.Results.Any(isMeant));
    }

    private void WriteTarget(SyncReport report, string number)
    {
        var plan = report.Plan;
        _names = new ItemNames(
            report.Results.Select(static result => result.Change.Item).Concat(plan.Skipped.Select(static skipped => skipped.Item)));
        Write("section", ("number", number), ("heading", Phrases.Heading(plan, _texts)));
        WriteTargetNotes(report);
        WriteTiles([report]);
        Write("facts");
        WriteFact("Report_Policy", plan.Policy);
        if (_outcome.IsReviewed)
        {
            WriteTime("Report_Planned", plan.CreatedAt);
        }

        WriteFact("Report_Changes", _texts.Number(report.Results.Count));
        if (plan.Removals > 0)
        {
            WriteFact("Report_Removals", _texts.Number(plan.Removals));
        }

        if (report.Verified > 0)
        {
            WriteFact("Report_Verified", _texts.Number(report.Verified));
        }

        Write("endfacts");
        WriteReasons(report);
        var libraries = ReportLibrary.Of(report, Actions);
        WriteLibraries(libraries, number);
        Write("endoverview");
        if (report.Results.Count > 0)
        {
            Write("changes");
            foreach (var library in libraries.Where(static library => library.Results.Count > 0))
            {
                WriteChanges(library);
            }

            Write("endpart");
        }

        WriteSkips(report);
        Write("endsection");
    }

    private void WriteTargetNotes(SyncReport report)
    {
        var plan = report.Plan;
        if (report.Error is { } error)
        {
            WriteNote(_texts.Format("Stopped", Failure.Describe(error, _texts)), "bad");
        }

        if (plan.OnlyRemembersUnwatched)
        {
            WriteNote(_texts["Unwatched_First"]);
        }

        if (plan.Identity is IdentityProof.Declared)
        {
            WriteNote(_texts.Format("Identity_Declared", _texts.Users.Of(plan.Target)));
        }

        foreach (var library in plan.Libraries)
        {
            if (library.Error is { } reason)
            {
                var why = _texts.Format("LeftOut", Failure.Describe(reason, _texts));
                WriteNote(_texts.Format("Item_Failed", library.Library.Title, why), "warn");
            }
        }
    }

    /// <summary>How much was done, or would be: by what it does, and then what was not done.</summary>
    private void WriteTiles(IReadOnlyList<SyncReport> reports)
    {
        var done = _outcome.IsDryRun ? ChangeOutcome.Planned : ChangeOutcome.Applied;
        Write("tiles");
        foreach (var action in Actions)
        {
            var count = Count(result => result.Change.Action == action && result.Outcome == done);
            Tile(ClassOf(action), NameOf(action), count, isAlways: action is ChangeAction.Watched or ChangeAction.Progress);
        }

        var skips = reports.Sum(static report => SkipCount.Of(report).Sum(static skip => skip.Count));
        Tile("s", _texts["Report_Skipped"], skips, isAlways: true);
        Tile("f", _texts["Report_Failed"], Count(static result => result.Outcome is ChangeOutcome.Failed), isAlways: true);
        Tile("f", _texts["Report_Unknown"], Count(static result => result.Outcome is ChangeOutcome.Unknown), isAlways: false);
        if (!_outcome.IsDryRun)
        {
            Tile("s", _texts["Report_Untried"], Count(static result => result.Outcome is ChangeOutcome.Planned), isAlways: false);
        }

        Write("endtiles");

        int Count(Func<ChangeResult, bool> isMeant) => reports.Sum(report => report.Results.Count(isMeant));

        void Tile(string kind, string name, int count, bool isAlways)
        {
            if (isAlways || count > 0)
            {
                Write("tile", ("class", count > 0 ? kind : "none"), ("name", name), ("count", _texts.Number(count)));
            }
        }
    }

    /// <summary>Why things change, once for all: a row only says what is not usual for its kind.</summary>
    private void WriteReasons(SyncReport report)
    {
        var plan = report.Plan;
        var source = plan.MoreSources.Count > 0 ? _texts["Why_Another"] : _texts.Users.Of(plan.Source);
        if (report.Results.All(static result => result.Change.Reason == ChangeReason.Undone))
        {
            return;
        }

        Write("reasons");
        foreach (var action in Actions)
        {
            foreach (var changes in report.Results.Where(result => result.Change.Action == action)
                .GroupBy(static result => $"{result.Change.Reason}"))
            {
                var key = $"Why_{changes.Key}";
                Write(
                    "reason",
                    ("class", ClassOf(action)),
                    ("action", NameOf(action)),
                    ("sentence", _texts.Has(key) ? _texts.Format(key, source) : changes.Key),
                    ("count", _texts.Number(changes.Count())));
            }
        }

        Write("endreasons");
    }

    /// <summary>A bar per library, and beside it the numbers that it is made of.</summary>
    private void WriteLibraries(List<ReportLibrary> libraries, string number)
    {
        if (libraries.Count == 0)
        {
            return;
        }

        var total = Enumerable.Range(0, Actions.Length + 1).Select(at => libraries.Sum(library => library.Counts[at])).ToArray();
        var most = libraries.Max(static library => library.Counts.Sum());
        Write("libraries", ("number", number));
        for (var at = 0; at < total.Length; at++)
        {
            if (total[at] > 0)
            {
                Write("column", ("class", ClassOf(at)), ("name", at < Actions.Length ? NameOf(Actions[at]) : _texts["Report_Skipped"]));
            }
        }

        Write("librarybody");
        foreach (var library in libraries)
        {
            Write("library", ("title", library.Title));
            if (library.Counts.Sum() == 0)
            {
                Write("nothing", ("text", _texts[library.IsLeftOut ? "Report_LeftOut" : "NothingToSync"]));
            }
            else
            {
                Write("stack");
                for (var at = 0; at < total.Length; at++)
                {
                    if (library.Counts[at] > 0)
                    {
                        Write("part", ("class", ClassOf(at)), ("share", Share((double)library.Counts[at] / most)));
                    }
                }

                Write("endstack");
            }

            WriteCounts(library.Counts, total);
            Write("endrow");
        }

        if (libraries.Count > 1)
        {
            Write("total");
            WriteCounts(total, total);
            Write("endtotal");
        }
        else
        {
            Write("endlibraries");
        }
    }

    private void WriteCounts(int[] counts, int[] total)
    {
        for (var at = 0; at < counts.Length; at++)
        {
            if (total[at] > 0)
            {
                Write("count", ("count", _texts.Number(counts[at])));
            }
        }
    }

    /// <summary>A library's changes: a group for each show or artist, films in handfuls.</summary>
    private void WriteChanges(ReportLibrary library)
    {
        var results = library.Results;
        results.Sort(static (one, other) => ReportLibrary.Compare(one.Change.Item, other.Change.Item));
        Write("shelf", ("title", library.Title), ("count", _texts.Number(results.Count)));
        for (var from = 0; from < results.Count;)
        {
            var show = results[from].Change.Item.ShowTitle;
            var to = from + 1;
            while (to < results.Count && results[to].Change.Item.ShowTitle == show && (show is not null || to - from < Few))
            {
                to++;
            }

            WriteGroup(results.GetRange(from, to - from), show);
            from = to;
        }

        Write("endshelf");
    }

    private void WriteGroup(List<ChangeResult> results, string? show)
    {
        var (first, last) = (results[0].Change.Item.Title, results[^1].Change.Item.Title);
        var name = show ?? (first == last ? first : $"{first} – {last}");
        var bad = results.Count(static result => result.Outcome is ChangeOutcome.Failed);
        Write(
            bad > 0 ? "badgroup" : _changes <= Few ? "opengroup" : "group",
            ("class", show is null ? "group" : "group show"),
            ("name", name),
            ("count", _texts.Number(results.Count)),
            ("bad", _texts.Count("Count_Failed", bad)));
        Write("rows", ("name", name));
        foreach (var result in results)
        {
            WriteRow(result);
        }

        Write("endrows");
    }

    private void WriteRow(ChangeResult result)
    {
        var change = result.Change;
        var removal = change.IsRemoval ? " x" : "";
        Write(
            "row",
            ("class", $"{ClassOf(change.Action)} {ClassOf(result.Outcome)}{removal}"),
            ("name", _names.WithinGroup(change.Item)));
        if (ChipOf(change.Reason) is { } chip)
        {
            Write("chip", ("text", chip));
        }

        Write("cells");
        WriteState(change, change.Before);
        WriteState(change, change.After);
        Write("cell", ("class", "out"), ("text", NameOf(result.Outcome)));
        if (result.Outcome is ChangeOutcome.Failed or ChangeOutcome.Skipped)
        {
            Write("small", ("text", Phrases.Why(result, _texts)));
        }

        Write("endcell");
        Write("endrow");
    }

    /// <summary>One side of a change: a tick, a bar, or a rating.</summary>
    private void WriteState(PlannedChange change, WatchState state)
    {
        var (kind, text, share) = ("", "", (double?)null);
        if (change.Action is ChangeAction.Rating)
        {
            (text, share) = (Phrases.Rating(state.UserRating, _texts), state.UserRating / 10);
        }
        else if (state.IsEmpty)
        {
            (kind, text) = ("no", _texts["State_Nothing"]);
        }
        else
        {
            var position = Phrases.Position(state.Position);
            (kind, share) = (state.IsWatched ? "yes" : "", state.IsInProgress ? state.Position / change.Item.Duration : null);
            text = string.Join(
                " · ",
                [
                    .. (string[])(state.IsWatched ? [$"✓ {_texts.Count("State_Watched", state.ViewCount)}"] : []),
                    .. (string[])(!state.IsInProgress ? []
                        : change.Item.Duration is { } length ? [_texts.Format("Report_Of", position, Phrases.Position(length))]
                        : [_texts.Format("State_Position", position)]),
                ]);
        }

        Write("cell", ("class", kind), ("text", text));
        if (share is { } part)
        {
            Write("bar", ("share", Share(part)));
        }

        Write("endcell");
    }

    private void WriteSkips(SyncReport report)
    {
        var skips = SkipCount.Of(report);
        if (skips.Count == 0)
        {
            return;
        }

        Write("skips");
        foreach (var (reason, count) in skips)
        {
            var sentence = _texts[$"Reason_{reason}"];
            Write("skip", ("reason", $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]}"), ("count", _texts.Number(count)));
            var items = report.Plan.Skipped.Where(skipped => skipped.Reason == reason).Select(static skipped => skipped.Item)
                .Concat(report.Results.Where(result => result.SkipReason == reason).Select(static result => result.Change.Item))
                .Order(Comparer<MediaItem>.Create(ReportLibrary.Compare));
            string? show = null;
            var isFirst = true;
            foreach (var item in items)
            {
                if (item.ShowTitle is not null && item.ShowTitle == show)
                {
                    Write("another", ("name", _names.WithinGroup(item)));
                    continue;
                }

                if (!isFirst)
                {
                    Write("endskipped");
                }

                (show, isFirst) = (item.ShowTitle, false);
                Write(
                    show is null ? "skipped" : "skippedshow",
                    ("show", show ?? ""),
                    ("name", _names.WithinGroup(item)));
            }

            Write("endskipped");
            Write("endskip");
        }

        Write("endpart");
    }

    /// <summary>What a row says of its reason: nothing where it is the usual one, which stands above once for all.</summary>
    private string? ChipOf(ChangeReason reason)
    {
        var chip = $"Report_Chip_{reason}";
        return _texts.Has(chip) ? _texts[chip] : reason == ChangeReason.Undone || _texts.Has($"Why_{reason}") ? null : $"{reason}";
    }

    /// <summary>In percent, as CSS takes it.</summary>
    private static string Share(double share) => (Math.Clamp(share, 0, 1) * 100).ToString("0.##", CultureInfo.InvariantCulture);

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

    private string NameOf(ChangeAction action) => _texts[$"Report_Action_{action}"];

    private string NameOf(ChangeOutcome outcome) =>
        _texts[_outcome.IsDryRun && outcome is ChangeOutcome.Planned ? "Report_Outcome_WouldChange" : $"Report_Outcome_{outcome}"];

    private void WriteFact(string name, string value) => Write("fact", ("name", _texts[name]), ("value", value));

    private void WriteTime(string name, DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        var day = utc.Day == 1 ? _texts["Report_FirstDay"] : utc.Day.ToString(CultureInfo.InvariantCulture);
        var clock = utc.ToString("HH:mm", CultureInfo.InvariantCulture);
        var date = _texts.Format("Report_Date", day, _texts["Report_Months"].Split(' ')[utc.Month - 1], utc.Year, clock);
        Write("time", ("name", _texts[name]), ("iso", StateDocument.Time(time)), ("utc", date));
    }

    private void WriteNote(string sentence, string kind = "info") => Write("note", ("kind", kind), ("text", sentence));

    private void Write(string piece, params ReadOnlySpan<(string Name, string Value)> values) =>
        Template.Value.Write(_page, _texts, piece, values);
}
