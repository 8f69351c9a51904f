namespace PlexSync.Simulator.Hosting;

/// <summary>Something with an address of its own. Answering is synchronous and may happen after the connection is gone.</summary>
internal abstract class Host
{
    public const string PlexTv = "plex.tv";

    public abstract string Role { get; }

    public abstract long? UserOf(SimulatedRequest request);

    public abstract Answer Answer(SimulatedRequest request);
}
