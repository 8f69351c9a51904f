namespace PlexSync.Cli.Output;

/// <summary>
/// What a synchronisation did, or would do, for people: a heading per target, its libraries, a line per item; and then a summary that says
/// all there is to know when the rest has scrolled by.
/// </summary>
internal sealed class SyncWriter(Screen screen, Texts texts)
{
    public void Write(SyncOutcome outcome)
    {
        if (outcome.Reports.Count == 0)
        {
            return;
        }

        WriteReports(outcome, outcome.IsDryRun);
        if (outcome.File is { } file)
        {
            screen.WriteCommand(texts.Format("Plan_Saved", file));
        }

        var closing = outcome.IsDryRun ? "Closing_DryRun" : outcome.IsStopped ? "Closing_Stopped" : "Closing";
        var reads = texts.Count("Reads", outcome.Requests.Reads);
        var writes = texts.Count("Writes", outcome.Requests.Writes);
        screen.WriteLine(texts.Format(closing, texts.Duration(outcome.Elapsed), reads, writes));
        WriteNext(outcome);
    }

    /// <summary>What would be done, before somebody is asked whether it should.</summary>
    public void WritePlan(SyncOutcome outcome)
    {
        WriteReports(outcome, isDryRun: true);
        screen.WriteLine();
    }

    private void WriteReports(SyncOutcome outcome, bool isDryRun)
    {
        if (outcome.Job is { } job)
        {
            screen.WriteLine(Paint.Bold(texts.Format("Job_Heading", job), screen.HasColor));
        }

        foreach (var report in outcome.Reports)
        {
            WriteItems(report, isDryRun);
        }

        screen.WriteLine(Paint.Bold(texts["Summary_Title"], screen.HasColor));
        foreach (var report in outcome.Reports)
        {
            WriteSummary(report, isDryRun);
        }

        foreach (var member in outcome.LeftOut)
        {
            screen.WriteLine(Paint.Yellow(texts.Format("Member_LeftOut", member.User.Title, member.Failure.Message), screen.HasColor));
        }
    }

    private void WriteItems(SyncReport report, bool isDryRun)
    {
        var plan = report.Plan;
        screen.WriteLine(Paint.Bold(Phrases.Heading(plan, texts), screen.HasColor));
        if (plan.OnlyRemembersUnwatched)
        {
            screen.WriteLine(Paint.Dim(texts["Unwatched_First"], screen.HasColor));
        }

        if (plan.Identity is IdentityProof.Declared)
        {
            screen.WriteLine(texts.Format("Identity_Declared", texts.Users.Of(plan.Target)));
        }

        var results = ByLibrary(report);
        var damaged = plan.Skipped.Where(static skipped => skipped.Reason is SkipReason.StateDamaged).ToList();
        var names = new ItemNames(
            report.Results.Select(static result => result.Change.Item).Concat(damaged.Select(static skipped => skipped.Item)));
        foreach (var comparison in plan.Libraries)
        {
            var damagedHere = damaged.FindAll(skipped => skipped.Library == comparison.Library.Key);
            Write(comparison, Of(comparison, results), damagedHere, names, isDryRun);
        }

        screen.WriteLine();
    }

    /// <summary>In one go: there can be many libraries, and a hundred thousand results.</summary>
    private static Dictionary<LibraryKey, List<ChangeResult>> ByLibrary(SyncReport report)
    {
        var results = new Dictionary<LibraryKey, List<ChangeResult>>();
        foreach (var result in report.Results)
        {
            if (!results.TryGetValue(result.Change.Library, out var known))
            {
                results.Add(result.Change.Library, known = []);
            }

            known.Add(result);
        }

        return results;
    }

    /// <summary>Of a library that was left out nothing is written; across servers, its key may be another one's too.</summary>
    private static List<ChangeResult> Of(LibraryComparison comparison, Dictionary<LibraryKey, List<ChangeResult>> results) =>
        comparison.Error is null && results.TryGetValue(comparison.Library.Key, out var found) ? found : [];

    private void WriteSummary(SyncReport report, bool isDryRun)
    {
        var plan = report.Plan;
        var skips = SkipCount.Of(report);
        var results = ByLibrary(report);
        screen.WriteLine(Summary(report, skips, isDryRun));
        foreach (var comparison in plan.Libraries)
        {
            if (comparison.Error is { } error)
            {
                var why = error.Kind is PlexErrorKind.ServerError or PlexErrorKind.Timeout && Failure.IsOfPage(error)
                    ? $"{Failure.Describe(error, texts)} {Failure.Remedy(error, texts)}"
                    : Failure.Describe(error, texts);
                WriteLine($"{Texts.Clean(comparison.Library.Title)} – {texts.Format("LeftOut", why)}", Paint.Yellow);
            }
            else if (CountsOf(Of(comparison, results), isDryRun) is { Length: > 0 } counts)
            {
                WriteLine(texts.Format("Summary_Library", comparison.Library.Title, counts), null);
            }
        }

        foreach (var skip in skips)
        {
            WriteLine(texts.Count($"Skip_{skip.Reason}", skip.Count, texts.Users.Of(plan.Target)), Paint.Dim);
        }

        WriteLost(plan);
        WriteVerified(report, isDryRun);
        if (report.Error is { } stopped)
        {
            WriteLine(texts.Format("Stopped", Failure.Describe(stopped, texts)), Paint.Red);
        }

        void WriteLine(string line, Func<string, bool, string>? paint) =>
            screen.WriteLine($"  {(paint is null ? line : paint(line, screen.HasColor))}");
    }

    /// <summary>What was, or would be, written in a library, by what it does.</summary>
    private string CountsOf(List<ChangeResult> results, bool isDryRun)
    {
        var written = isDryRun ? ChangeOutcome.Planned : ChangeOutcome.Applied;
        var parts = new List<string>();
        foreach (var action in Enum.GetValues<ChangeAction>())
        {
            parts.AddRange(
                texts.Some($"Count_{action}", results.Count(result => result.Change.Action == action && result.Outcome == written)));
        }

        parts.AddRange(Some("Count_Unknown", ChangeOutcome.Unknown));
        parts.AddRange(isDryRun ? [] : [.. Some("Count_Failed", ChangeOutcome.Failed), .. Some("Count_Untried", ChangeOutcome.Planned)]);
        return string.Join(", ", parts);

        string[] Some(string key, ChangeOutcome outcome) => texts.Some(key, results.Count(result => result.Outcome == outcome));
    }

    /// <summary>Whether what was written was seen to be there; a change of which nobody knows has its own line.</summary>
    private void WriteVerified(SyncReport report, bool isDryRun)
    {
        var applied = report.Count(ChangeOutcome.Applied);
        if (!isDryRun && applied > 0)
        {
            var verified = report.Verified >= applied
                ? Paint.Green(texts["Verified_All"], screen.HasColor)
                : Paint.Yellow(texts.Format("Verified_Some", texts.Number(report.Verified), texts.Number(applied)), screen.HasColor);
            screen.WriteLine($"  {verified}");
        }
    }

    /// <summary>The way back from what was written, or on to what was only shown.</summary>
    private void WriteNext(SyncOutcome outcome)
    {
        if (outcome.IsDryRun)
        {
            if (outcome is { File: null, IsStopped: false, Wet: { } command }
                && outcome.Reports.Any(static report => report.Results.Any(IsOpen)))
            {
                screen.WriteCommand(texts.Format("Closing_DoIt", command));
            }
        }
        else if (outcome.Reports.FirstOrDefault(
            static report =>
                report.Run is not null && report.Results.Any(static result => result.StateAfterRun is not null)) is { } written)
        {
            screen.WriteCommand(texts.Format(written.Plan.SourceServer is null ? "Closing_Undo" : "Closing_Undo_Across", $"{written.Run}"));
        }
    }

    /// <summary>What an undo cannot bring back, said plainly.</summary>
    private void WriteLost(SyncPlan plan)
    {
        if (plan.Undoes is null)
        {
            return;
        }

        foreach (var part in (LostState[])[LostState.ViewCount, LostState.LastViewedAt])
        {
            var count = plan.Changes.Count(change => change.Lost.HasFlag(part));
            if (count > 0)
            {
                screen.WriteLine($"  {Paint.Dim(texts.Count($"Lost_{part}", count), screen.HasColor)}");
            }
        }
    }

    private void Write(
        LibraryComparison comparison, List<ChangeResult> results, List<SkippedItem> damaged, ItemNames names, bool isDryRun)
    {
        screen.WriteLine(Texts.Clean(comparison.Library.Title));
        if (comparison.Error is { } error)
        {
            screen.WriteLine($"  {Paint.Yellow(texts.Format("LeftOut", Failure.Describe(error, texts)), screen.HasColor)}");
        }
        else if (results.Count == 0 && damaged.Count == 0)
        {
            screen.WriteLine($"  {Paint.Dim(texts["NothingToSync"], screen.HasColor)}");
        }

        // What a stopped run did not come to is counted below, not listed as if it were done.
        foreach (var result in
            results.Where(
                result => (isDryRun ? IsOpen(result) : result.Outcome is not ChangeOutcome.Planned)
                    && result.SkipReason is not SkipReason.AlreadyDone))
        {
            screen.WriteLine($"  {Line(result, names)}");
        }

        // Of these nobody would know otherwise that they were left out.
        foreach (var skipped in damaged)
        {
            var line = texts.Format("Item_Failed", Texts.Clean(names.Of(skipped.Item)), texts[$"Reason_{skipped.Reason}"]);
            screen.WriteLine($"  {Paint.Yellow(texts["Label_Skipped"], screen.HasColor)} {line}");
        }
    }

    /// <summary>Not done yet, or nobody knows.</summary>
    private static bool IsOpen(ChangeResult result) => result.Outcome is ChangeOutcome.Planned or ChangeOutcome.Unknown;

    private string Line(ChangeResult result, ItemNames names)
    {
        var change = result.Change;
        var item = Texts.Clean(names.Of(change.Item));
        item = change.Action is ChangeAction.Rating ? $"{item} – {Phrases.Rating(change.After.UserRating, texts)}"
            : change.After.IsInProgress ? $"{item} – {Phrases.Position(change.After.Position)}" : item;
        return result.Outcome switch
        {
            ChangeOutcome.Failed =>
                $"{Paint.Red(texts["Label_Failed"], screen.HasColor)} {texts.Format("Item_Failed", item, Phrases.Why(result, texts))}",
            ChangeOutcome.Unknown => $"{Paint.Red(texts["Label_Unknown"], screen.HasColor)} {texts.Format("Item_Unknown", item)}",
            ChangeOutcome.Skipped =>
                $"{Paint.Yellow(texts["Label_Skipped"], screen.HasColor)} {texts.Format("Item_Failed", item, Phrases.Why(result, texts))}",
            _ => change.Action switch
            {
                ChangeAction.Watched => $"{Paint.Green(texts["Label_Watched"], screen.HasColor)} {item}",
                ChangeAction.Rating => $"{Paint.Blue(texts["Label_Rated"], screen.HasColor)} {item}",
                ChangeAction.Progress => $"{Paint.Blue(texts["Label_Progress"], screen.HasColor)} {item}",
                _ => $"{Paint.Yellow(texts["Label_Unwatched"], screen.HasColor)} {item}",
            },
        };
    }

    private string Summary(SyncReport report, List<SkipCount> skips, bool isDryRun)
    {
        List<string> parts =
        [
            .. report.Results.Count == 0 && report.Error is null ? [texts["Count_Nothing"]]
                // Of a run that was interrupted, some is done.
                : isDryRun
                    ? [texts.Count("Count_Planned", report.Count(ChangeOutcome.Planned)), .. texts.Some(
                        "Count_Unknown", report.Count(ChangeOutcome.Unknown))]
                : Phrases.Outcomes(report.Count, texts),
            .. texts.Some("Count_Skipped", skips.Sum(static skip => skip.Count)),
            .. texts.Some("Count_LeftOut", report.Plan.Libraries.Count(static library => library.Error is not null)),
        ];
        return texts.Format("Summary", texts.Users.Of(report.Plan.Target), string.Join(", ", parts));
    }
}
