using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Running;

/// <summary>Runs jobs on this node: connects as their users, plans, writes, and notes how it went.</summary>
internal sealed class JobRunner(
    IServiceProvider services, Database database, ServerCatalogue catalogue, JobRoutes routes, AccountAnswers answers,
    WatchStateSynchronizer synchronizer, FleetNode node, TimeProvider time)
{
    /// <summary>Runs a job once. What went wrong is noted, and thrown.</summary>
    /// <param name="server">The server.</param>
    /// <param name="job">The job.</param>
    /// <param name="firing">By what the scheduler knows this run.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="PlexException">It could not be run, or a user's part of it was not written.</exception>
    /// <exception cref="TakenOverException">The run is another node's.</exception>
    public async Task RunAsync(FleetServer server, FleetJob job, string firing, CancellationToken cancellationToken)
    {
        var written = 0;
        PlexException? error = null;
        var isConnected = false;
        await catalogue.NoteBeganAsync(server.Name, job.Name, node.Name, cancellationToken).ConfigureAwait(false);
        try
        {
            var users = await ConnectAsync(server, job, cancellationToken).ConfigureAwait(false);
            isConnected = true;
            var plans = await PlanAsync(job, users, cancellationToken).ConfigureAwait(false);
            var reports = await ApplyAsync(plans, users, job.Job.CreateOptions(time), firing, cancellationToken).ConfigureAwait(false);
            written = reports.Sum(static report => report.Count(ChangeOutcome.Applied));
            error = SyncReport.FindError(reports);
        }
        catch (PlexException e)
        {
            error = e;
            // Of two nodes that think that they have the run, only the one that has it says how it is doing.
            await RequireOursAsync(firing, cancellationToken).ConfigureAwait(false);
        }

        // While it connected, that was done already.
        if (isConnected && error is not null && IsOfAnswers(error))
        {
            await answers.ForgetAsync(server.Name, CancellationToken.None).ConfigureAwait(false);
        }

        await catalogue.NoteEndedAsync(server.Name, job.Name, node.Name, written, error, CancellationToken.None).ConfigureAwait(false);
        if (error is not null)
        {
            throw error;
        }
    }

    /// <summary>Connects as the users of a job, identities proved, and refuses a job that another one would undo the work of.</summary>
    public async Task<JobUsers> ConnectAsync(FleetServer server, FleetJob job, CancellationToken cancellationToken)
    {
        var secrets = await catalogue.ReadSecretsAsync(server.Name, cancellationToken).ConfigureAwait(false);
        AccountAnswers.AskFor(server.Name, secrets.Token);
        var connector = new JobConnector(
            services.GetRequiredService<PlexClient>(), _ => Task.FromResult(secrets.Token), secrets.Pins);
        JobUsers users;
        try
        {
            users = await connector.ConnectAsync(job.Job, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (IsOfAnswers(e))
        {
            // An answer that was kept may have a token that counts no more.
            await answers.ForgetAsync(server.Name, cancellationToken).ConfigureAwait(false);
            users = await connector.ConnectAsync(job.Job, cancellationToken).ConfigureAwait(false);
        }

        if (server.Machine != users.Source.MachineIdentifier)
        {
            await catalogue.NoteMachineAsync(server.Name, users.Source.MachineIdentifier, cancellationToken).ConfigureAwait(false);
        }

        await routes.RequireNoLoopAsync(server, job, users, cancellationToken).ConfigureAwait(false);
        return users;
    }

    /// <summary>Whether an answer that was kept may be at fault. That a PIN is wrong, plex.tv has just said.</summary>
    private static bool IsOfAnswers(PlexException error) => error.Category is PlexErrorCategory.Account
        && error.Kind is not (PlexErrorKind.PinRequired or PlexErrorKind.PinRejected or PlexErrorKind.GatewayRefused);

    /// <summary>The plans of a job, one for each user whose state changes.</summary>
    public Task<IReadOnlyList<SyncPlan>> PlanAsync(FleetJob job, JobUsers users, CancellationToken cancellationToken) =>
        synchronizer.PlanAsync(job.Job, users, job.Job.CreateOptions(time), progress: null, cancellationToken);

    /// <summary>The way back from a run, for each of its users who are connected.</summary>
    public Task<IReadOnlyList<SyncPlan>> PlanUndoAsync(
        RunId run, IReadOnlyList<PlexServer> targets, CancellationToken cancellationToken) =>
        synchronizer.PlanUndoAsync(run, targets, cancellationToken: cancellationToken);

    /// <summary>Writes what the plans say.</summary>
    public async Task<IReadOnlyList<SyncReport>> ApplyAsync(
        IReadOnlyList<SyncPlan> plans, JobUsers users, SyncOptions options, string firing, CancellationToken cancellationToken)
    {
        if (plans.Any(static plan => plan.Changes.Count > 0))
        {
            await RequireOursAsync(firing, cancellationToken).ConfigureAwait(false);
        }

        return await synchronizer.ApplyAsync(plans, users.All, options, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Refuses to write for a run that the scheduler has given to another node, as it does when this one was not heard of for a while: the
    /// server may have as many runs as it takes without it.
    /// </summary>
    private async Task RequireOursAsync(string firing, CancellationToken cancellationToken)
    {
        var known = await database.QueryAsync(
            "select 1 from qrtz_fired_triggers where entry_id = $1", [firing], static row => row.GetInt32(0), cancellationToken)
            .ConfigureAwait(false);
        if (known.Count == 0)
        {
            throw new TakenOverException($"The node '{node.Name}' was not heard of for a while: the run is another one's.");
        }
    }
}

/// <summary>The scheduler has given a run to another node.</summary>
internal sealed class TakenOverException(string message) : Exception(message);
