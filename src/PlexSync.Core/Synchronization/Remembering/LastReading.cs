namespace PlexSync;

/// <summary>
/// What the last run knew of its users, so that one with <see cref="SyncOptions.Quick"/> reads only what has changed since. It is written
/// and read by PlexSync alone; a store keeps it as it is, one for each <see cref="Question"/>. It holds no tokens.
/// </summary>
public sealed record LastReading
{
    /// <summary>Names the users and what was asked for: the next run must ask the same. A text of any length.</summary>
    public required string Question { get; init; }

    /// <summary>When everything was last read whole, by the server's clock.</summary>
    public required DateTimeOffset WholeAt { get; init; }

    /// <summary>By how much the server's clock was ahead of the local one: if that changes, a clock was moved.</summary>
    public TimeSpan Lead { get; init; }

    /// <summary>The latest <see cref="SyncOptions.Since"/> of the runs since then; null if all of them asked for everything.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The users.</summary>
    public IReadOnlyList<ReadUser> Users { get; init => field = value ?? []; } = [];

    /// <summary>Items that were left for another run, as one that was being played or could not be written.</summary>
    public IReadOnlyList<OpenItem> Open { get; init => field = value ?? []; } = [];

    /// <summary>How many users, and when everything was last read.</summary>
    public override string ToString() => $"{Users.Count} users, read whole {WholeAt:u}, {Open.Count} items open";
}

/// <summary>What was last known of one user.</summary>
/// <param name="User">The user.</param>
/// <param name="Runs">Stands for the runs on the user that the store knew of; another text where there is another run since.</param>
/// <param name="Libraries">The libraries that were read.</param>
public sealed record ReadUser(ServerUser User, string Runs, IReadOnlyList<ReadLibrary> Libraries)
{
    /// <summary>The user, and how many libraries.</summary>
    public override string ToString() => $"{User}: {Libraries.Count} libraries";
}

/// <summary>What a user had viewed last in a library.</summary>
/// <param name="Library">The library.</param>
/// <param name="SeenUntil">Every view before this time, by the server's clock, is known or was dealt with.</param>
/// <param name="Newest">The items that were viewed last, the latest first.</param>
public sealed record ReadLibrary(LibraryKey Library, DateTimeOffset SeenUntil, IReadOnlyList<ViewedItem> Newest)
{
    /// <summary>The library, and until when it is known.</summary>
    public override string ToString() => $"{Library}: {Newest.Count} items, seen until {SeenUntil:u}";
}

/// <summary>An item with the state by which it is recognised as unchanged.</summary>
/// <param name="Item">The item.</param>
/// <param name="ViewedAt">When it was last viewed.</param>
/// <param name="ViewCount">How often.</param>
/// <param name="Position">Where it is to be resumed.</param>
public readonly record struct ViewedItem(RatingKey Item, DateTimeOffset ViewedAt, int ViewCount, TimeSpan Position);

/// <summary>An item that was left for another run.</summary>
/// <param name="Library">Its library.</param>
/// <param name="Item">The item.</param>
public readonly record struct OpenItem(LibraryKey Library, RatingKey Item);
