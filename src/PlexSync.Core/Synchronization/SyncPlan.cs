using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>What a run would do to one target, and why: immutable, and free of secrets.</summary>
/// <example>
/// <code>
/// SyncPlan plan = await synchronizer.PlanAsync(server, kid);
/// await using (FileStream file = File.Create(Path.Combine(folder, "plan.json")))
/// {
///     await plan.WriteAsync(file);
/// }
///
/// await using FileStream saved = File.OpenRead(Path.Combine(folder, "plan.json"));
/// plan = await SyncPlan.ReadAsync(saved);
/// </code>
/// </example>
public sealed partial record SyncPlan
{
    /// <summary>When the states were read, in UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The server that is written to.</summary>
    public required ServerReference Server { get; init; }

    /// <summary>Whose state is copied; of a merge, the first of them.</summary>
    public required UserReference Source { get; init; }

    /// <summary>The others whose state it was made from, where several users were brought together.</summary>
    public IReadOnlyList<UserReference> MoreSources { get; init => field = value ?? []; } = [];

    /// <summary>The server of the source; null where it is <see cref="Server"/>.</summary>
    public ServerReference? SourceServer { get; init; }

    /// <summary>Whose state changes.</summary>
    public required UserReference Target { get; init; }

    /// <summary>How the target's identity is known.</summary>
    public required IdentityProof Identity { get; init; }

    /// <summary>The name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>The libraries that were compared, in the server's order, those that could not be read among them.</summary>
    public IReadOnlyList<LibraryComparison> Libraries { get; init => field = value ?? []; } = [];

    /// <summary>What is to be written, in the order of writing: what the source viewed longest ago comes first.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init => field = value ?? []; } = [];

    /// <summary>The differences that are left as they are, each with its reason.</summary>
    public IReadOnlyList<SkippedItem> Skipped { get; init => field = value ?? []; } = [];

    /// <summary>The run that this plan takes back; null for every other plan.</summary>
    public RunId? Undoes { get; init; }

    /// <summary>
    /// The server told what the target is playing; false where nobody could be asked, so that such items are not left out.
    /// </summary>
    public bool IsPlayingKnown { get; init; } = true;

    /// <summary>Whether everything was read, or only what had changed.</summary>
    public ReadingScope Reading { get; init; }

    /// <summary>Why everything was read although <see cref="SyncOptions.Quick"/> was set; null otherwise.</summary>
    public WholeReadingReason? WholeBecause { get; init; }

    /// <summary>How many changes take something away.</summary>
    public int Removals => Changes.Count(static change => change.IsRemoval);

    /// <summary>
    /// Un-watching does not travel yet: this is the first run of the two that was asked for it, and only remembers what both have watched.
    /// </summary>
    public bool OnlyRemembersUnwatched { get; init; }

    /// <summary>By this object, the synchronizer that made the plan finds what it remembers of it; null for a plan from a file.</summary>
    internal object? Origin { get; init; }

    /// <summary>The user that is written to, for <see cref="PlexConnections"/>.</summary>
    [JsonIgnore]
    public ServerUser TargetUser => new(Server.MachineIdentifier, Target.Id);

    /// <summary>The user whose state is copied, for <see cref="PlexConnections"/>.</summary>
    [JsonIgnore]
    public ServerUser SourceUser => new((SourceServer ?? Server).MachineIdentifier, Source.Id);

    /// <summary>Whose state goes to whom, and how much of it.</summary>
    public override string ToString() =>
        $"{Source.Title} → {Target.Title} on {Server.Name} ({Policy}): {Changes.Count} changes, {Removals} of them removals, "
        + $"{Skipped.Count} skipped";

    /// <summary>Refuses a server that the plan was not made for.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.PlanMismatch"/>.</exception>
    public void RequireServer(PlexServer server) => Server.Require(server);

    /// <summary>Refuses a plan that takes away more than <see cref="SyncOptions.MaxRemovals"/> allows, as applying it would.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.TooManyRemovals"/>.</exception>
    public void RequireWithinLimit(SyncOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // A plan that comes from a file may be anything that calls itself an undo, or a mark made by hand.
        var isAskedFor = Origin is not null && (Undoes is not null || Changes.All(IsByHand));
        if (Removals > (options.MaxRemovals ?? (isAskedFor ? int.MaxValue : SyncOptions.DefaultMaxRemovals)))
        {
            throw new PlexException(
                PlexErrorKind.TooManyRemovals, $"The plan takes {Removals} things away from '{Target.Title}'; fewer are allowed.")
            {
                Subject = Target.Title,
            };
        }
    }

    /// <summary>Whether somebody marks the item by hand; a reason alone may be that of a policy of one's own.</summary>
    internal bool IsByHand(PlannedChange change) => Policy == PlanNames.Mark && change.IsMark;

    /// <summary>It is taken from the user at their own wish, as if they had done it in Plex.</summary>
    internal bool UnwatchesByHand(PlannedChange change) => IsByHand(change) && !change.After.IsWatched;

    /// <summary>The user that the plan is to be applied to.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.PlanMismatch"/>: none of them is.</exception>
    internal PlexServer FindTarget(IReadOnlyList<PlexServer> users)
    {
        var target = users.FirstOrDefault(user => user.ServerUser == TargetUser)
            ?? users.FirstOrDefault(user => user.MachineIdentifier == Server.MachineIdentifier)
            ?? (users.Count > 0 ? users[0] : throw new ArgumentException("Nobody is connected.", nameof(users)));
        Require(target);
        return target;
    }

    /// <summary>Refuses a target that the plan was not made for, and a plan that has an item twice.</summary>
    internal void Require(PlexServer target)
    {
        RequireServer(target);
        if (Target.Id != target.User.Id)
        {
            throw Mismatch(target);
        }

        var keys = new HashSet<ChangeKey>(Changes.Count);
        if (!Changes.All(change => keys.Add(change.Key)))
        {
            throw new PlexException(PlexErrorKind.InvalidPlan, "An item is in the plan twice.");
        }
    }

    /// <summary>Refuses a source that the plan was not made for. In two directions, the source may be the one that is written to.</summary>
    internal void RequireSource(PlexServer source, PlexServer target)
    {
        var (server, user) = TargetUser == source.ServerUser ? (Server, Target) : (SourceServer ?? Server, Source);
        if (source.ServerUser != new ServerUser(server.MachineIdentifier, user.Id))
        {
            throw Mismatch(server.MachineIdentifier == source.MachineIdentifier ? target : source);
        }
    }

    private PlexException Mismatch(PlexServer server) =>
        new(
            PlexErrorKind.PlanMismatch,
            $"The plan is for '{Source.Title}' and '{Target.Title}' on '{Server.Name}', not for '{server.User.Title}' on '{server.Name}'.")
        {
            Subject = server.MachineIdentifier == Server.MachineIdentifier ? server.User.Title : server.Name,
        };
}

/// <summary>A server as plans and reports mention it.</summary>
/// <param name="MachineIdentifier">Which installation.</param>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of Plex Media Server.</param>
public sealed record ServerReference(MachineIdentifier MachineIdentifier, string Name, string Version)
{
    /// <summary>Refuses another server.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.PlanMismatch"/>.</exception>
    public void Require(PlexServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (server.MachineIdentifier != MachineIdentifier)
        {
            throw new PlexException(
                PlexErrorKind.PlanMismatch, $"'{Name}' ({MachineIdentifier}) is meant, not '{server.Name}' ({server.MachineIdentifier}).")
            {
                Subject = server.Name,
            };
        }
    }

    /// <summary>The name and the machine identifier.</summary>
    public override string ToString() => $"{Name} ({MachineIdentifier})";

    internal static ServerReference To(PlexServer server) => new(server.MachineIdentifier, server.Name, server.Version);
}

/// <summary>A user as plans and reports mention them.</summary>
/// <param name="Id">The number of the account.</param>
/// <param name="Title">The name shown in Plex.</param>
public sealed record UserReference(UserId Id, string Title)
{
    /// <summary>The name and the id.</summary>
    public override string ToString() => $"{Title} (id:{Id})";

    internal static UserReference To(PlexUser user) => new(user.Id, user.Title);
}

/// <summary>One library of a plan.</summary>
public sealed record LibraryComparison
{
    /// <summary>The library as the source sees it.</summary>
    public required Library Library { get; init; }

    /// <summary>How many items the source's listing held.</summary>
    public int SourceItems { get; init; }

    /// <summary>How many items the target's listing held.</summary>
    public int TargetItems { get; init; }

    /// <summary>Why the library could not be read whole and is left out; null if it was.</summary>
    public PlexException? Error { get; init; }

    /// <summary>The library with the number of items, or with the kind of the failure.</summary>
    public override string ToString() => Error is null
        ? $"{Library.Title}: {SourceItems} items of the source, {TargetItems} of the target" : $"{Library.Title}: {Error.Kind}";
}

/// <summary>One item that differs and is left as it is.</summary>
/// <param name="Item">The item, as the source lists it where the target does not.</param>
/// <param name="Library">Its library.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedItem(MediaItem Item, LibraryKey Library, SkipReason Reason)
{
    /// <summary>The item and the reason.</summary>
    public override string ToString() => $"{Item.Label}: {Words.ToWord(Reason)}";
}
