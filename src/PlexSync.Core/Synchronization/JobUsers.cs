namespace PlexSync;

/// <summary>The users of a job, connected.</summary>
/// <param name="Source">The server as whose state is copied; of a merge, as the first user.</param>
/// <param name="Targets">The server, or others, as whom it is copied to; of a merge, as the other users.</param>
public sealed record JobUsers(PlexServer Source, IReadOnlyList<PlexServer> Targets)
{
    /// <summary>Why those who are left out cannot be served (<see cref="PlexException.IsOfOneUser"/>); empty by default.</summary>
    public IReadOnlyList<PlexException> LeftOut { get; init; } = [];

    /// <summary>The source, then the targets: as whom the plans of the job are carried out.</summary>
    public IReadOnlyList<PlexServer> All => [Source, .. Targets];

    /// <summary>The source, and how many targets.</summary>
    public override string ToString() => $"{Source} → {Targets.Count} users, {LeftOut.Count} left out";
}
