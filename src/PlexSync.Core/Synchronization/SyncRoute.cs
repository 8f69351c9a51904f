namespace PlexSync;

/// <summary>Whose state a job takes and whom it writes to, once it is known whom its names mean.</summary>
/// <param name="Job">The job.</param>
/// <param name="Source">Whose state is copied; of a merge, one of its users.</param>
/// <param name="Targets">Whom it is copied to; of a merge, the other users.</param>
public sealed record SyncRoute(SyncJob Job, ServerUser Source, IReadOnlyList<ServerUser> Targets)
{
    /// <summary>The keys of the libraries that the job looks at; null (default) if it may be any.</summary>
    public IReadOnlySet<LibraryKey>? Libraries { get; init; }

    /// <summary>The job, and whose state goes to how many.</summary>
    public override string ToString() => $"{Job}: {Source} → {Targets.Count} users";

    private bool IsMirror => !Job.IsMutual && Job.Policy == ConflictPolicies.Mirror.Name;

    /// <summary>It sets the state of its targets by what the source has, whatever another job made of them.</summary>
    private bool IsOverriding => IsMirror || (!Job.IsMutual && (Job.Policy is null || Job.Policy == ConflictPolicies.Copy.Name));

    private IEnumerable<ServerUser> Written => Job.IsMutual ? Targets.Prepend(Source) : Targets;

    /// <summary>The route of a job whose users are connected, with the libraries that it looks at.</summary>
    /// <param name="job">The job.</param>
    /// <param name="users">Its users, as <see cref="JobConnector"/> connects them.</param>
    /// <param name="cancellationToken">Cancels the reading of the libraries.</param>
    /// <exception cref="PlexException">The libraries cannot be read, or one of those that the job names is not known.</exception>
    public static async Task<SyncRoute> ReadAsync(SyncJob job, JobUsers users, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(users);
        var route = new SyncRoute(job, users.Source.ServerUser, [.. users.Targets.Select(static target => target.ServerUser)]);
        // On another server libraries have other keys.
        if (route.Targets.Any(target => target.Server != route.Source.Server))
        {
            return route;
        }

        // A plan that comes next need not read them again.
        var libraries = await users.Source.GetLibrariesAsync(cancellationToken).ConfigureAwait(false);
        var chosen = LibrarySelection.Choose(libraries, job.CreateOptions(users.Source.Time));
        return route with { Libraries = chosen.Select(static library => library.Key).ToHashSet() };
    }

    /// <summary>
    /// Finds two jobs that would undo each other's work, run after run: both write to one user, and one of them is a one-way <c>copy</c> or
    /// <c>mirror</c> from a user whose state the other does not bring; or one mirrors to a user whose state the other takes. All other
    /// jobs may overlap.
    /// </summary>
    /// <returns>The first two that were found; null if there are none.</returns>
    public static SyncLoop? FindLoop(IReadOnlyList<SyncRoute> routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        for (var at = 1; at < routes.Count; at++)
        {
            for (var before = 0; before < at; before++)
            {
                var (one, other) = (routes[before], routes[at]);
                if ((one.FindDispute(other) ?? other.FindDispute(one)) is { } user)
                {
                    return new SyncLoop(one, other, user);
                }
            }
        }

        return null;
    }

    /// <summary>A user to whom this job does again and again what the other one undoes.</summary>
    private ServerUser? FindDispute(SyncRoute other)
    {
        if (!IsOverriding || (Libraries is not null && other.Libraries is not null && !Libraries.Overlaps(other.Libraries)))
        {
            return null;
        }

        foreach (var target in Targets)
        {
            if ((other.Written.Contains(target) && !other.Feeds(target, Source)) || (IsMirror && other.Takes(target)))
            {
                return target;
            }
        }

        return null;
    }

    /// <summary>The job brings the state of one user to another.</summary>
    private bool Feeds(ServerUser user, ServerUser from) =>
        Job.IsMerge ? Written.Contains(from)
        : user == Source ? Targets.Contains(from)
        : from == Source;

    private bool Takes(ServerUser user) => user == Source || (Job.IsMutual && Targets.Contains(user));
}

/// <summary>Two jobs that would undo each other's work.</summary>
/// <param name="One">The one that was given first.</param>
/// <param name="Other">The other.</param>
/// <param name="User">Whose state would change again and again.</param>
public sealed record SyncLoop(SyncRoute One, SyncRoute Other, ServerUser User);
