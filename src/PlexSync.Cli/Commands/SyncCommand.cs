using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Copies the watch state of one user to others: proves who everybody is, plans everything, then writes.</summary>
internal sealed class SyncCommand(Run run)
{
    private readonly long _started = run.Around.Time.GetTimestamp();

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var outcome = new SyncOutcome
        {
            Id = $"{run.Around.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH-mm-ss'Z'", CultureInfo.InvariantCulture)}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}",
            IsDryRun = run.Settings.IsOn(Setting.DryRun),
        };
        Exception? exception = null;
        try
        {
            await SyncAsync(outcome, cancellationToken);
        }
        catch (Exception e)
        {
            exception = e;
            outcome.Failure = Failure.Of(e, run.Texts);
        }

        outcome.Elapsed = run.Around.Time.GetElapsedTime(_started);
        outcome.IsStopped = outcome.Failure is not null || outcome.Reports.Any(static report => report.Error is not null);
        outcome.Failure = Gravest(outcome);
        run.Messages.EndProgress();
        Print(outcome);
        // The report comes first wherever both end up.
        await run.Around.Out.FlushAsync(CancellationToken.None);
        if (outcome.Failure is { } failure)
        {
            run.Messages.Fail(failure, exception);
        }

        return outcome.Failure?.ExitCode ?? ExitCode.Done;
    }

    /// <summary>What a run is to be called that did not do everything: nobody should have to read the report to notice.</summary>
    private Failure? Gravest(SyncOutcome outcome)
    {
        var exitCode = outcome.Failure?.ExitCode ?? ExitCode.Done;
        foreach (var report in outcome.Reports)
        {
            exitCode = ExitCode.Worse(exitCode, ExitCode.Of(report));
        }

        if (exitCode == ExitCode.Done)
        {
            return null;
        }

        if (outcome.Failure is { } failure && failure.ExitCode == exitCode)
        {
            var isReported = failure.Kind == Failure.Cancelled && outcome.Reports.Any(static report => report.Results.Any(static result => result.Outcome is not ChangeOutcome.Planned));
            return isReported ? failure with { Message = run.Texts["Cancelled_Reported"] } : failure;
        }

        var errors = outcome.Reports.Select(static report => report.Error)
            .Concat(outcome.Reports.SelectMany(static report => report.Plan.Libraries, static (_, library) => library.Error));
        var gravest = errors.FirstOrDefault(error => error is not null && ExitCode.Of(error.Kind) == exitCode);
        return gravest is null ? new Failure(Failure.Partial, run.Texts["Partial"], exitCode) : Failure.Of(gravest, run.Texts);
    }

    private async Task SyncAsync(SyncOutcome outcome, CancellationToken cancellationToken)
    {
        var names = run.Settings.GetAll(Setting.To);
        if (names.Count == 0)
        {
            throw new CliException(CliException.Usage, "NoTarget", Setting.To.Option, Setting.To.Variable, Setting.To.Key);
        }

        var options = new SyncOptions { Policy = FindPolicy(), Libraries = run.Settings.GetAll(Setting.Library) };

        run.Messages.Step(1, "Step_Connect");
        using var session = await Session.SignInAsync(run, cancellationToken);
        try
        {
            var server = await session.ConnectAsync(cancellationToken);
            outcome.Server = server;

            var users = new List<PlexUser> { await session.FindAsync(run.Settings.Get(Setting.From), cancellationToken) };
            outcome.Source = users[0];
            foreach (var name in names)
            {
                var user = await session.FindAsync(name, cancellationToken);
                // Known before anybody's PIN is asked for.
                users.Add(users.TrueForAll(other => other.Id != user.Id)
                    ? user
                    : throw new CliException(Failure.NameOf(PlexErrorKind.SameUser), "Error_SameUser", user.Title));
            }

            run.Messages.Step(2, "Step_Switch", string.Join(", ", users.Skip(1).Select(static user => user.Title)));
            var source = await session.SwitchAsync(server, users[0], cancellationToken);
            var targets = new List<PlexServer>();
            foreach (var user in users.Skip(1))
            {
                targets.Add(await session.SwitchAsync(server, user, cancellationToken));
            }

            run.Messages.Step(3, "Step_Read");
            var synchronizer = new WatchStateSynchronizer(journal: null, run.Messages.CreateLogger<WatchStateSynchronizer>());
            var plans = await synchronizer.PlanAsync(source, targets, options, run.Messages, cancellationToken);
            outcome.Reports = [.. plans.Select(Untried)];

            run.Messages.Step(4, outcome.IsDryRun ? "Step_Compare" : "Step_Write");
            if (!outcome.IsDryRun)
            {
                await ApplyAsync(outcome, () => synchronizer.ApplyAsync(plans, source, targets, options, run.Messages, cancellationToken), cancellationToken);
            }

            run.Messages.Step(5, "Step_Show");
        }
        finally
        {
            outcome.Requests = session.Plex.Requests;
        }
    }

    /// <summary>Whatever ends the writing, what was written is kept.</summary>
    private static async Task ApplyAsync(SyncOutcome outcome, Func<Task<IReadOnlyList<SyncReport>>> apply, CancellationToken cancellationToken)
    {
        var planned = outcome.Reports;
        try
        {
            outcome.Reports = await apply();
        }
        catch (SyncCanceledException e)
        {
            outcome.Reports = [.. e.Reports, .. planned.Skip(e.Reports.Count)];
            throw;
        }

        // The signal came after the last write was sent; it is only harmless if that one was answered too.
        if (outcome.Reports.Any(static report => report.Count(ChangeOutcome.Unknown) > 0))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static SyncReport Untried(SyncPlan plan) => new()
    {
        Plan = plan,
        Results = [.. plan.Changes.Select(static change => new ChangeResult { Change = change, Outcome = ChangeOutcome.Planned })],
    };

    private IConflictPolicy FindPolicy()
    {
        var name = run.Settings.Get(Setting.Policy) ?? ConflictPolicies.Copy.Name;
        return ConflictPolicies.TryGet(name, out var policy)
            ? policy
            : throw new CliException("policyNotFound", "NoPolicy", name, string.Join(", ", ConflictPolicies.All.Select(static known => known.Name)));
    }

    private void Print(SyncOutcome outcome)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Around.Out, SyncDocument.Of(outcome, run.Texts), JsonContext.Default.SyncDocument);
        }
        else
        {
            new SyncWriter(run.Screen, run.Texts).Write(outcome);
        }
    }
}

/// <summary>What came of a synchronisation, as far as it went.</summary>
internal sealed class SyncOutcome
{
    public required string Id { get; init; }

    public required bool IsDryRun { get; init; }

    public PlexServer? Server { get; set; }

    public PlexUser? Source { get; set; }

    public IReadOnlyList<SyncReport> Reports { get; set; } = [];

    public RequestCounts Requests { get; set; }

    public TimeSpan Elapsed { get; set; }

    public Failure? Failure { get; set; }

    /// <summary>It ended before everything was tried.</summary>
    public bool IsStopped { get; set; }
}
