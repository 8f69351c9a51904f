namespace PlexSync.Cli.Output;

/// <summary>
/// What a synchronisation did, or would do, for people: a heading per target, its libraries, a line per item; and then a summary that says
/// all there is to know when the rest has scrolled by.
/// </summary>
internal sealed class SyncWriter(Screen screen, Texts texts)
{
    /// <summary>More than these are not taken in at a glance.</summary>
    private const int MostTitles = 10;

    private readonly ItemLine _lines = new(texts, screen.HasColor);

    private bool _isShortened;

    /// <summary>Only the first titles of each library, the episodes of a show in one line; else a line for each item.</summary>
    public bool IsFolded { get; init; }

    /// <summary>The command has options that show what is folded.</summary>
    public bool CanShowAll { get; init; } = true;

    /// <summary>The skipped items are named, too.</summary>
    public bool NamesSkipped { get; init; }

    public void Write(SyncOutcome outcome)
    {
        if (outcome.Reports.Count == 0)
        {
            return;
        }

        WriteReports(outcome, outcome.IsDryRun, outcome.IsShown);
        if (outcome.File is { } file)
        {
            screen.WriteCommand(texts.Format("Plan_Saved", file, CommandContext.Quote(file)));
        }

        var closing = outcome.IsDryRun ? "Closing_DryRun" : outcome.IsStopped ? "Closing_Stopped" : "Closing";
        var reads = texts.Count("Reads", outcome.Requests.Reads);
        var writes = texts.Count("Writes", outcome.Requests.Writes);
        screen.WriteLine(texts.Format(closing, texts.Duration(outcome.Elapsed), reads, writes));
        if (outcome is { File: null } && outcome.FindNext() is var (text, command))
        {
            screen.WriteCommand(texts.Format("Closing_Next", texts[text], command));
        }
    }

    /// <summary>What would be done, before somebody is asked whether it should.</summary>
    public void WritePlan(SyncOutcome outcome)
    {
        WriteReports(outcome, isDryRun: true, isShown: false);
        screen.WriteLine();
    }

    /// <summary>A line for each target where something changed or is wrong; nothing where all is as it should be.</summary>
    public void WriteBriefly(SyncOutcome outcome)
    {
        var lines = new List<string>();
        foreach (var report in outcome.Reports)
        {
            var counts = CountsOf(report.Results, outcome.IsDryRun, texts.Some("Count_LeftOut", CountLeftOut(report)));
            if (counts.Length > 0)
            {
                lines.Add(texts.Format("Summary", texts.Users.Of(report.Plan.Target), counts));
            }
        }

        if (lines.Count > 0)
        {
            // One command takes back what was done to all of them.
            lines[^1] += outcome.IsDryRun ? $" {texts["Quiet_DryRun"]}"
                : outcome.Name is { } run ? $" {texts.Format("Quiet_Undo", run)}" : "";
        }

        lines.ForEach(screen.WriteCommand);
    }

    /// <param name="outcome">What is written about.</param>
    /// <param name="isDryRun">The changes are not made yet.</param>
    /// <param name="isShown">The changes were shown before; only what did not go as planned is new.</param>
    private void WriteReports(SyncOutcome outcome, bool isDryRun, bool isShown)
    {
        _isShortened = false;
        screen.Separate();
        if (outcome.Job is { } job)
        {
            screen.WriteLine(Paint.Bold(texts.Format("Job_Heading", job), screen.HasColor));
        }

        foreach (var report in outcome.Reports.Where(report => !isShown || report.Results.Any(IsTrouble)))
        {
            WriteItems(report, outcome.UndoneName, isDryRun, isShown);
        }

        if (_isShortened && CanShowAll && outcome.Page is null)
        {
            screen.WriteLine(Paint.Dim(texts["Fold_Hint"], screen.HasColor));
            screen.WriteLine();
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

    private void WriteItems(SyncReport report, string? undoneName, bool isDryRun, bool isShown)
    {
        var plan = report.Plan;
        screen.WriteLine(Paint.Bold(Phrases.Heading(plan, texts, undoneName), screen.HasColor));
        if (plan.OnlyRemembersUnwatched)
        {
            screen.WriteLine(Paint.Dim(texts["Unwatched_First"], screen.HasColor));
        }

        if (plan.Identity is IdentityProof.Declared)
        {
            screen.WriteLine(texts.Format("Identity_Declared", texts.Users.Of(plan.Target)));
        }

        var results = ByLibrary(report);
        var damaged = isShown ? [] : plan.Skipped.Where(static skipped => skipped.Reason is SkipReason.StateDamaged).ToList();
        var sections = new List<Section>();
        foreach (var comparison in plan.Libraries)
        {
            var damagedHere = damaged.FindAll(skipped => skipped.Library == comparison.Library.Key);
            var resultsHere = Of(comparison, results);
            var section = new Section(comparison, resultsHere.Count > 0, damagedHere, IsFolded ? MostTitles : int.MaxValue);
            // What a stopped run did not come to is counted below, not listed as if it were done.
            foreach (var result in resultsHere.Where(
                result => (isDryRun ? SyncOutcome.IsOpen(result) : result.Outcome is not ChangeOutcome.Planned)
                    && result.SkipReason is not SkipReason.AlreadyDone && (!isShown || IsTrouble(result))))
            {
                section.Add(result, IsFolded && !IsTrouble(result));
            }

            if (!isShown || section.Single.Count > 0)
            {
                sections.Add(section);
            }
        }

        var names = new ItemNames(sections.SelectMany(static section => section.Named));
        sections.ForEach(section => Write(section, names));
        if (NamesSkipped && !isShown)
        {
            WriteSkipped(report);
        }

        screen.WriteLine();
    }

    /// <summary>Did not go as planned: such a change is always shown by itself.</summary>
    private static bool IsTrouble(ChangeResult result) =>
        result.Outcome is ChangeOutcome.Failed or ChangeOutcome.Unknown
        || (result.Outcome is ChangeOutcome.Skipped && result.SkipReason is not SkipReason.AlreadyDone);

    private void WriteSkipped(SyncReport report)
    {
        var skipped = report.Plan.Skipped.Select(static one => (one.Reason, one.Item)).Concat(
            report.Results.Where(static result => result.SkipReason is not null)
                .Select(static result => (Reason: result.SkipReason!.Value, result.Change.Item)));
        foreach (var group in skipped.GroupBy(static one => one.Reason, static one => one.Item).OrderBy(static group => group.Key))
        {
            var items = group.ToList();
            screen.WriteLine(texts.Count($"Skip_{group.Key}", items.Count, texts.Users.Of(report.Plan.Target)));
            if (!IsFolded)
            {
                var all = new ItemNames(items);
                items.ForEach(item => screen.WriteLine($"  {Texts.Clean(all.Of(item))}"));
                continue;
            }

            var fold = new TitleFold<MediaItem>(static item => item, int.MaxValue);
            items.ForEach(item => fold.Add(item, 0));
            var names = new ItemNames(fold.Lines.Where(static line => line.Count == 1).Select(static line => line[0]));
            foreach (var line in fold.Lines)
            {
                screen.WriteLine($"  {(line.Count == 1 ? Texts.Clean(names.Of(line[0])) : Phrases.Several(line, texts))}");
            }
        }
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

        if (IsFolded && CanShowAll && !NamesSkipped && skips.Count > 0)
        {
            WriteLine(texts["Skip_Hint"], Paint.Dim);
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
    private string CountsOf(IReadOnlyList<ChangeResult> results, bool isDryRun, params string[] more)
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
        parts.AddRange(more);
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

    private void Write(Section section, ItemNames names)
    {
        screen.WriteLine(Texts.Clean(section.Comparison.Library.Title));
        if (section.Comparison.Error is { } error)
        {
            screen.WriteLine($"  {Paint.Yellow(texts.Format("LeftOut", Failure.Describe(error, texts)), screen.HasColor)}");
        }
        else if (!section.IsConcerned)
        {
            screen.WriteLine($"  {Paint.Dim(texts["NothingToSync"], screen.HasColor)}");
        }

        foreach (var line in section.Folded.Lines)
        {
            _isShortened |= line.Count > 1;
            screen.WriteLine($"  {(line.Count > 1 ? FoldedLine(line) : _lines.Of(line[0], names))}");
        }

        if (section.Folded.Hidden > 0)
        {
            _isShortened = true;
            screen.WriteLine($"  {Paint.Dim(texts.Count("Fold_More", section.Folded.Hidden), screen.HasColor)}");
        }

        foreach (var result in section.Single)
        {
            screen.WriteLine($"  {_lines.Of(result, names)}");
        }

        // Of these nobody would know otherwise that they were left out.
        foreach (var skipped in section.Damaged)
        {
            var line = texts.Format("Item_Failed", Texts.Clean(names.Of(skipped.Item)), texts[$"Reason_{skipped.Reason}"]);
            screen.WriteLine($"  {Paint.Yellow(texts["Label_Skipped"], screen.HasColor)} {line}");
        }
    }

    private string FoldedLine(List<ChangeResult> line) =>
        $"{_lines.Label(line[0].Change)} {Phrases.Several(line.ConvertAll(static result => result.Change.Item), texts)}";

    private static int CountLeftOut(SyncReport report) => report.Plan.Libraries.Count(static library => library.Error is not null);

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
            .. texts.Some("Count_LeftOut", CountLeftOut(report)),
        ];
        return texts.Format("Summary", texts.Users.Of(report.Plan.Target), string.Join(", ", parts));
    }

    /// <summary>What is shown of a library.</summary>
    private sealed class Section(LibraryComparison comparison, bool hasResults, List<SkippedItem> damaged, int mostTitles)
    {
        public LibraryComparison Comparison => comparison;

        public List<SkippedItem> Damaged => damaged;

        public TitleFold<ChangeResult> Folded { get; } = new(static result => result.Change.Item, mostTitles);

        public List<ChangeResult> Single { get; } = [];

        /// <summary>Whether there is something to say of it, listed or not.</summary>
        public bool IsConcerned => hasResults || damaged.Count > 0;

        /// <summary>The items that are called by their names.</summary>
        public IEnumerable<MediaItem> Named => Folded.Lines.Where(static line => line.Count == 1).Select(static line => line[0])
            .Concat(Single).Select(static result => result.Change.Item).Concat(damaged.Select(static skipped => skipped.Item));

        public void Add(ChangeResult result, bool isFolded)
        {
            if (isFolded)
            {
                Folded.Add(result, ItemLine.IsAgain(result.Change) ? -1 : (int)result.Change.Action);
            }
            else
            {
                Single.Add(result);
            }
        }
    }
}
