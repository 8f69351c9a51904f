using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>
/// The frame around every command that plans or writes: whatever happens, what is known is reported, and the gravest of it is the exit
/// code.
/// </summary>
internal sealed class Operation
{
    private readonly CommandContext _context;
    private readonly WriteOptions _write;
    private readonly AcrossOptions _across;
    private long _started;
    private readonly OutputFile? _page;

    /// <param name="context">What the command works with.</param>
    /// <param name="write">How it writes.</param>
    /// <param name="across">The other server, where there can be one.</param>
    /// <param name="options">What is synchronised, and how.</param>
    /// <param name="isReviewed">The plan is one that was saved before.</param>
    /// <param name="file">The file that the command reads or writes besides its report.</param>
    public Operation(
        CommandContext context,
        WriteOptions write,
        AcrossOptions? across = null,
        SyncOptions? options = null,
        bool isReviewed = false,
        string? file = null)
    {
        (_context, _write, _across) = (context, write, across ?? new());
        _page = OutputFile.OfReport(context, write.Report, file);
        _started = context.Console.Time.GetTimestamp();
        Outcome =
            new SyncOutcome
            {
                Id = RunId.Create(context.Console.Time),
                Job = context.Settings.Job?.Name is { Length: > 0 } name ? name : null,
                IsDryRun = write.DryRun,
                IsReviewed = isReviewed,
                Wet = context.WithoutDryRun(),
            };
        Synchronizer = context.CreateSynchronizer();
        Options = options ?? new SyncOptions();
        Options.DryRun = Outcome.IsDryRun;
        Options.MaxRemovals = write.MaxRemovals?.ToNumber(0, int.MaxValue);
    }

    public SyncOutcome Outcome { get; }

    public WatchStateSynchronizer Synchronizer { get; }

    public SyncOptions Options { get; }

    /// <summary>The user was asked, and said no.</summary>
    private bool IsDeclined => Outcome is { IsShown: true, IsDryRun: true };

    /// <summary>A command with a question asks it before it writes.</summary>
    public bool WouldAsk => !Outcome.IsDryRun && !_write.Yes;

    /// <summary>Signs in, does the work, and reports.</summary>
    public Task<int> RunAsync(Func<Session, Task> work, CancellationToken cancellationToken) =>
        RunAsync(() => Session.SignInAsync(_context, cancellationToken, _across, isAhead: true), work);

    /// <summary>The same with a session that may be there already.</summary>
    public async Task<int> RunAsync(Func<Task<Session>> signIn, Func<Session, Task> work)
    {
        Exception? exception = null;
        _started = _context.Console.Time.GetTimestamp();
        try
        {
            _context.Messages.Step("Step_Connect");
            using var session = await signIn();
            try
            {
                await work(session);
            }
            finally
            {
                var requests = session.Plex.Requests;
                Outcome.Requests = requests with { Reads = requests.Reads + Outcome.HistoryReads };
            }
        }
        catch (Exception e)
        {
            exception = e;
            Outcome.Failure = Failure.Of(e, _context.Texts);
        }

        return await ReportAsync(exception);
    }

    /// <summary>Reports what is known; the exit code is the gravest of it.</summary>
    public async Task<int> ReportAsync(Exception? exception = null)
    {
        Outcome.Elapsed = _context.Console.Time.GetElapsedTime(_started);
        Outcome.IsStopped = Outcome.Failure is not null || Outcome.Reports.Any(static report => report.Error is not null);
        Outcome.Failure = Gravest();
        _context.Messages.EndProgress();
        await SavePageAsync();
        Print();
        // The report comes first wherever both end up.
        await _context.Console.Out.FlushAsync(CancellationToken.None);
        if (Outcome.Page is { } page)
        {
            _context.Messages.Note(_context.Texts.Format("Report_Saved", page));
        }

        if (Outcome.Failure is { } failure)
        {
            _context.Messages.Fail(failure, exception);
        }

        return Outcome.Failure?.ExitCode ?? ExitCode.Done;
    }

    /// <summary>Takes in the plans; those that nothing may be written from are refused here already.</summary>
    public async Task PlanAsync(IReadOnlyList<SyncPlan> plans)
    {
        if (GC.CollectionCount(generation: 1) > 0)
        {
            // The listings of a large library are as large as all that comes now, and of no use any more; only the stack of what has made
            // the plans still holds on to them.
            await Task.Yield();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        }

        Outcome.Planned(plans);
        if (!Outcome.IsReviewed)
        {
            // What a file says is no news of a server.
            _context.Names.Add(
                NameCache.Libraries, plans.SelectMany(static plan => plan.Libraries, static (_, library) => library.Library.Title));
        }

        if (plans.Any(static plan => !plan.IsPlayingKnown))
        {
            _context.Messages.Remark(_context.Texts["Playing_Unknown"]);
        }

        if (Options.Quick && plans is [var first, ..])
        {
            _context.Messages.Note(_context.Texts[first.WholeBecause is { } reason ? $"Whole_{reason}" : "Reading_Changed"]);
        }

        foreach (var plan in plans)
        {
            plan.RequireWithinLimit(Options);
        }
    }

    /// <summary>Writes what is planned. Whatever ends the writing, what was written is kept.</summary>
    public async Task ApplyAsync(IReadOnlyList<PlexServer> targets, CancellationToken cancellationToken, PlexServer? source = null)
    {
        if (IsDeclined)
        {
            return;
        }

        var planned = Outcome.Reports;
        _context.Messages.Step(Outcome.IsDryRun ? "Step_Compare" : "Step_Write");
        if (!Outcome.IsDryRun)
        {
            try
            {
                SyncPlan[] plans = [.. planned.Select(static report => report.Plan)];
                IReadOnlyList<PlexServer> users = source is null ? targets : [.. targets, source];
                Outcome.Reports = await Synchronizer.ApplyAsync(plans, users, Options, _context.Messages, cancellationToken);
            }
            catch (SyncCanceledException e)
            {
                Outcome.Reports = [.. e.Reports, .. planned.Skip(e.Reports.Count)];
                throw;
            }
            finally
            {
                Outcome.Id = Outcome.Reports.FirstOrDefault(static report => report.Run is not null)?.Run ?? Outcome.Id;
            }

            // The signal came after the last write was sent; it is only harmless if that one was answered too.
            if (Outcome.Reports.Any(static report => report.Count(ChangeOutcome.Unknown) > 0))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        if (!Outcome.IsShown)
        {
            _context.Messages.Step("Step_Show");
        }
    }

    /// <summary>Says that earlier runs on these targets were killed: what they left is settled next, but by a dry run.</summary>
    public async Task MentionKilledRunsAsync(IEnumerable<PlexServer> targets, CancellationToken cancellationToken)
    {
        foreach (var target in targets)
        {
            var open = (await _context.Store.ListRunsAsync(target.MachineIdentifier, target.User.Id, cancellationToken))
                .Count(static run => !run.IsFinished);
            if (open > 0)
            {
                _context.Messages.Warn(
                    _context.Texts.Format(Outcome.IsDryRun ? "Run_Open" : "Run_Settled", _context.Texts.Users.Of(target.User)));
            }
        }
    }

    /// <summary>Commands that take things back ask; where nobody can be asked, they are told in advance.</summary>
    public void RequireConsent()
    {
        if (WouldAsk && !_context.CanAsk)
        {
            throw new CliException(CliException.Usage, "Consent_Needed", "--yes");
        }
    }

    /// <summary>Shows the plan and asks. Declined, nothing is written and nothing more is said.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        if (!WouldAsk || Outcome.Reports.All(static report => report.Plan.Changes.Count == 0))
        {
            return;
        }

        _context.Messages.EndProgress();
        CreateWriter().WritePlan(Outcome);
        await _context.Console.Out.FlushAsync(cancellationToken);
        Outcome.IsShown = true;
        if (!await _context.Messages.AskAsync(_context.Texts["Consent_Question"], cancellationToken))
        {
            Outcome.IsDryRun = true;
            _context.Messages.Say(_context.Texts["Consent_Declined"]);
        }
    }

    /// <summary>What a run is to be called that did not do everything: nobody should have to read the report to notice.</summary>
    private Failure? Gravest()
    {
        var exitCode = ExitCode.Worse(
            Outcome.Failure?.ExitCode ?? ExitCode.Done, Outcome.LeftOut.Count > 0 ? ExitCode.Partial : ExitCode.Done);
        foreach (var report in Outcome.Reports)
        {
            // What could not be read when a saved plan was made is not this run's failure.
            exitCode = ExitCode.Worse(exitCode, Outcome.IsReviewed ? ExitCode.OfWriting(report) : ExitCode.Of(report));
            if (Outcome.IsReviewed && report.Results.Any(static result => result.SkipReason is SkipReason.ChangedSincePlanned
                or SkipReason.SourceChanged or SkipReason.SourceNotRead or SkipReason.SourceUnsettled))
            {
                exitCode = ExitCode.Worse(exitCode, ExitCode.Partial);
            }
        }

        if (exitCode == ExitCode.Done)
        {
            return null;
        }

        if (Outcome.Failure is { } failure && failure.ExitCode == exitCode)
        {
            var isReported = failure.Kind == Failure.Cancelled
                && Outcome.Reports.Any(static report => report.Results.Any(static result => result.Outcome is not ChangeOutcome.Planned));
            return isReported ? failure with { Message = _context.Texts["Cancelled_Reported"] } : failure;
        }

        var errors = Outcome.Reports.Select(static report => report.Error)
            .Concat(Outcome.Reports.SelectMany(static report => report.Plan.Libraries, static (_, library) => library.Error));
        var gravest = errors.FirstOrDefault(error => error is not null && ExitCode.Of(error.Category) == exitCode);
        var left = Outcome.LeftOut;
        var isOnlyOfMembers = left.Count > 0 && Outcome.Reports.All(static report => ExitCode.Of(report) == ExitCode.Done);
        var partial = isOnlyOfMembers
            ? _context.Texts.Count("Partial_Members", left.Count, string.Join(", ", left.Select(static member => member.User.Title)))
            : _context.Texts[_context is { IsQuiet: true, IsJson: false } ? "Partial_Quiet" : "Partial"];
        return gravest is null ? new Failure(Failure.Partial, partial, exitCode) : Failure.Of(gravest, _context.Texts);
    }

    /// <summary>
    /// Also for a run that failed, was refused or was cancelled; that the page cannot be written hides nothing of what was done.
    /// </summary>
    private async Task SavePageAsync()
    {
        if (_page is null)
        {
            return;
        }

        try
        {
            await _page.WriteAsync(
                stream => ReportPage.WriteAsync(Outcome, _context.Console.Time.GetUtcNow(), _context.Texts, stream),
                CancellationToken.None);
            Outcome.Page = _page.Path;
        }
        catch (Exception e)
        {
            var failure = Failure.Of(e, _context.Texts);
            if (Outcome.Failure is null)
            {
                Outcome.Failure = failure;
            }
            else
            {
                _context.Messages.Warn(failure.Message);
            }
        }
    }

    private void Print()
    {
        if (_context.IsJson && _context.Documents is { } documents)
        {
            documents.Add(SyncDocument.Of(Outcome, _context.Texts));
        }
        else if (_context.IsJson)
        {
            JsonOutput.Write(_context.Console.Out, SyncDocument.Of(Outcome, _context.Texts), JsonContext.Default.SyncDocument);
        }
        else if (Outcome.File == OutputFile.StandardOutput || IsDeclined)
        {
            // Standard output holds the plan, or people have just seen it.
        }
        else if (_context.IsQuiet)
        {
            CreateWriter().WriteBriefly(Outcome);
        }
        else
        {
            CreateWriter().Write(Outcome);
        }
    }

    private SyncWriter CreateWriter() => new(_context.Screen, _context.Texts)
    {
        IsFolded = _context.Console.Terminal.IsOutput && !_write.All,
        NamesSkipped = _write.ShowSkipped,
    };
}
