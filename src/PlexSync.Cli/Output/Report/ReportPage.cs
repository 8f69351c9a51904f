using System.Globalization;
using System.Text;

namespace PlexSync.Cli.Output;

/// <summary>
/// What a run did, or would do, as one page for a browser: it sends no request, can be read without its script, and is well-formed XML
/// too. Its markup is in <c>report.html</c>; this fills it, piece by piece.
/// </summary>
internal sealed class ReportPage
{
    /// <summary>With more changes than this, the groups of a page are folded; more films than this are several groups.</summary>
    private const int Few = 200;

    private static readonly ReportTemplate Template = new();

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
            new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 32 * 1024, leaveOpen: true);
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
            : $"{Phrases.Heading(reports[0].Plan, _texts, _outcome.UndoneName)}{(reports.Count > 1 ? " …" : "")} – {heading}";
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
            WriteTiles(ReportLibrary.CountAll([.. reports.SelectMany(report => ReportLibrary.Of(report, _outcome.IsDryRun))]));
        }

        Write("endheader");
        if (_changes > 0)
        {
            WriteSearch(reports);
        }

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

    /// <summary>The filter offers what there is.</summary>
    private void WriteSearch(IReadOnlyList<SyncReport> reports)
    {
        Write("find");
        foreach (var action in Enum.GetValues<ChangeAction>())
        {
            Offer($"{action}", NameOf(action), result => result.Change.Action == action);
        }

        Offer("removal", _texts["Report_Removals"], static result => result.Change.IsRemoval);
        foreach (var outcome in Enum.GetValues<ChangeOutcome>())
        {
            Offer(
                $"{outcome}",
                NameOf(outcome),
                result => result.Outcome == outcome && !(_outcome.IsDryRun && outcome is ChangeOutcome.Planned),
                outcome is ChangeOutcome.Skipped && reports.Any(static report => report.Plan.Skipped.Count > 0));
        }

        Write("endfind");

        void Offer(string value, string name, Func<ChangeResult, bool> isMeant, bool isThere = false)
        {
            if (isThere || reports.Any(report => report.Results.Any(isMeant)))
            {
                Write("option", ("value", value), ("name", name));
            }
        }
    }

    private void WriteTarget(SyncReport report, string number)
    {
        var plan = report.Plan;
        var libraries = ReportLibrary.Of(report, _outcome.IsDryRun);
        var counts = ReportLibrary.CountAll(libraries);
        _names = new ItemNames(
            report.Results.Select(static result => result.Change.Item).Concat(plan.Skipped.Select(static skipped => skipped.Item)));
        Write("section", ("number", number), ("heading", Phrases.Heading(plan, _texts, _outcome.UndoneName)));
        WriteTargetNotes(report);
        WriteTiles(counts);
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
        if (libraries.Count > 0)
        {
            WriteLibraries(libraries, counts, number);
        }

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

        if (counts[nameof(ChangeOutcome.Skipped)] > 0)
        {
            WriteSkips(report);
        }

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

    /// <summary>How much was done, or would be, and what was not.</summary>
    private void WriteTiles(Dictionary<string, int> counts)
    {
        Write("tiles");
        foreach (var kind in ReportLibrary.Kinds)
        {
            if (counts[kind] > 0 || kind is "Watched" or "Progress" or "Skipped" or "Failed")
            {
                var look = counts[kind] > 0 ? kind : "none";
                Write("tile", ("class", look), ("name", _texts[$"Report_Action_{kind}"]), ("count", _texts.Number(counts[kind])));
            }
        }

        Write("endtiles");
    }

    /// <summary>Why things change, once for all: a row only says what is not usual for its action.</summary>
    private void WriteReasons(SyncReport report)
    {
        if (report.Results.All(static result => result.Change.Reason == ChangeReason.Undone))
        {
            return;
        }

        var plan = report.Plan;
        var source = plan.MoreSources.Count > 0 ? _texts["Why_Another"] : _texts.Users.Of(plan.Source);
        Write("reasons");
        foreach (var changes in report.Results.GroupBy(static result => $"{(int)result.Change.Action} {result.Change.Reason}")
            .OrderBy(static changes => changes.Key, StringComparer.Ordinal))
        {
            var (action, reason) = (changes.First().Change.Action, changes.First().Change.Reason);
            var key = $"Why_{reason}";
            Write(
                "reason",
                ("class", $"{action}"),
                ("name", ChipOf(reason) ?? NameOf(action)),
                ("sentence", _texts.Has(key) ? _texts.Format(key, source) : $"{reason}"),
                ("count", _texts.Number(changes.Count())));
        }

        Write("endreasons");
    }

    /// <summary>A bar per library, and beside it the numbers that it is made of.</summary>
    private void WriteLibraries(List<ReportLibrary> libraries, Dictionary<string, int> total, string number)
    {
        var kinds = Array.FindAll(ReportLibrary.Kinds, kind => total[kind] > 0);
        double most = libraries.Max(static library => library.Counts.Values.Sum());
        Write("libraries", ("number", number));
        foreach (var kind in kinds)
        {
            Write("column", ("class", kind), ("name", _texts[$"Report_Action_{kind}"]));
        }

        Write("librarybody");
        foreach (var library in libraries)
        {
            Write("library", ("title", library.Title));
            foreach (var kind in kinds.Where(library.Counts.ContainsKey))
            {
                Write("part", ("class", kind), ("share", Share(library.Counts[kind] / most)));
            }

            Write("endlibrary");
            if (library.Counts.Count == 0)
            {
                Write("small", ("text", _texts[library.IsLeftOut ? "Report_LeftOut" : "NothingToSync"]));
            }

            WriteCounts(library.Counts);
        }

        if (libraries.Count > 1)
        {
            Write("total");
            WriteCounts(total);
        }

        Write("endlibraries");

        void WriteCounts(Dictionary<string, int> counts)
        {
            Write("endname");
            foreach (var kind in kinds)
            {
                Write("count", ("count", _texts.Number(counts.GetValueOrDefault(kind))));
            }

            Write("endrow");
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
        var failed = results.Count(static result => result.Outcome is ChangeOutcome.Failed);
        Write(
            failed > 0 || _changes <= Few ? "opengroup" : "group",
            ("class", show is null ? "group" : "group show"), ("name", name), ("count", _texts.Number(results.Count)));
        if (failed > 0)
        {
            Write("failed", ("count", _texts.Count("Count_Failed", failed)));
        }

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
        var removal = change.IsRemoval ? " removal" : "";
        Write("row", ("class", $"{change.Action} {result.Outcome}{removal}"), ("name", _names.WithinGroup(change.Item)));
        if (ChipOf(change.Reason) is { } chip)
        {
            Write("chip", ("class", $"{change.Action}"), ("text", chip));
        }

        Write("endname");
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
        var length = change.Item.Duration;
        var position = Phrases.Position(state.Position);
        var at = !state.IsInProgress ? ""
            : length is { } whole ? _texts.Format("Report_Of", position, Phrases.Position(whole))
            : _texts.Format("State_Position", position);
        var seen = state.IsWatched ? $"✓ {_texts.Count("State_Watched", state.ViewCount)}" : "";
        var (kind, text, share) =
            change.Action is ChangeAction.Rating ? ("", Phrases.Rating(state.UserRating, _texts), state.UserRating / 10)
            : state.IsEmpty ? ("no", _texts["State_Nothing"], null)
            : (state.IsWatched ? "yes" : "", string.Join(" · ", new[] { seen, at }.Where(static part => part.Length > 0)),
                state.IsInProgress ? state.Position / length : null);
        Write("cell", ("class", kind), ("text", text));
        if (share is { } part)
        {
            Write("bar", ("share", Share(part)));
        }

        Write("endcell");
    }

    /// <summary>What was left as it is, by reason: each film, and each show with its episodes.</summary>
    private void WriteSkips(SyncReport report)
    {
        Write("skips");
        foreach (var (reason, count) in SkipCount.Of(report))
        {
            var sentence = _texts[$"Reason_{reason}"];
            Write("skip", ("reason", $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]}"), ("count", _texts.Number(count)));
            var items = report.Plan.Skipped.Where(skipped => skipped.Reason == reason).Select(static skipped => skipped.Item)
                .Concat(report.Results.Where(result => result.SkipReason == reason).Select(static result => result.Change.Item)).ToList();
            items.Sort(ReportLibrary.Compare);
            foreach (var show in items.GroupBy(static item => item.ShowTitle ?? $"{item.RatingKey}"))
            {
                var isShow = show.First().ShowTitle is not null;
                Write(
                    isShow ? "skippedshow" : "skipped",
                    ("show", show.Key),
                    ("name", string.Join(", ", show.Select(_names.WithinGroup))));
            }

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

    private string NameOf(ChangeAction action) => _texts[$"Report_Action_{action}"];

    private string NameOf(ChangeOutcome outcome) =>
        _texts[_outcome.IsDryRun && outcome is ChangeOutcome.Planned ? "Report_Outcome_WouldChange" : $"Report_Outcome_{outcome}"];

    private void WriteFact(string name, string value) => Write("fact", ("name", _texts[name]), ("value", value));

    /// <summary>In UTC; the script says it in the reader's time.</summary>
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
        Template.Write(_page, _texts, piece, values);
}
