using System.Text.Json;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Running;

/// <summary>
/// Whom the jobs of a server write to, as each found out when it last connected: two jobs that would undo each other's work are refused,
/// on whichever nodes they run.
/// </summary>
internal sealed class JobRoutes(Database database)
{
    /// <summary>Refuses a job if another one of the server would undo its work; else notes whom it means.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JobsInLoop"/>, or the libraries cannot be read.</exception>
    public async Task RequireNoLoopAsync(FleetServer server, FleetJob job, JobUsers users, CancellationToken cancellationToken)
    {
        var mine = await SyncRoute.ReadAsync(job.Job, users, cancellationToken).ConfigureAwait(false);
        var known = await database.QueryAsync(
            "select job, route from job_states where server = $1 and job <> $2 and route is not null",
            [server.Name, job.Name],
            static row => (Job: row.GetString(0), Route: JsonSerializer.Deserialize(row.GetString(1), FleetJson.Default.StoredRoute)!),
            cancellationToken).ConfigureAwait(false);
        var others = known.Join(server.Jobs.Where(static other => !other.IsPaused), static one => one.Job, static other => other.Name,
            static (one, other) => one.Route.ToRoute(other.Job));
        foreach (var other in others)
        {
            if (SyncRoute.FindLoop([other, mine]) is { } loop)
            {
                var title = users.Targets.Prepend(users.Source).FirstOrDefault(user => user.User.Id == loop.User.User)?.User.Title;
                throw new PlexException(
                    PlexErrorKind.JobsInLoop,
                    $"The jobs '{loop.One.Job.Name}' and '{loop.Other.Job.Name}' would undo each other's work on "
                    + $"'{title ?? $"{loop.User.User}"}'.")
                {
                    Subject = title,
                    Candidates = [loop.One.Job.Name!, loop.Other.Job.Name!],
                };
            }
        }

        // One that was refused must not keep the other from running, too.
        await database.ExecuteAsync(
            "update job_states set route = $3 where server = $1 and job = $2",
            [server.Name, job.Name, JsonSerializer.Serialize(StoredRoute.Of(mine), FleetJson.Default.StoredRoute)],
            cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Whom a job means.</summary>
internal sealed record StoredRoute
{
    public required MachineIdentifier Machine { get; init; }

    public required UserId Source { get; init; }

    public required IReadOnlyList<UserId> Targets { get; init; }

    public IReadOnlyList<LibraryKey>? Libraries { get; init; }

    public static StoredRoute Of(SyncRoute route) => new()
    {
        Machine = route.Source.Server,
        Source = route.Source.User,
        Targets = [.. route.Targets.Select(static target => target.User)],
        Libraries = route.Libraries?.ToList(),
    };

    public SyncRoute ToRoute(SyncJob job) =>
        new(job, new ServerUser(Machine, Source), [.. Targets.Select(target => new ServerUser(Machine, target))])
        {
            Libraries = Libraries?.ToHashSet(),
        };
}
