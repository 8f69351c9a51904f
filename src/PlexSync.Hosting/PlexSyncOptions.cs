namespace PlexSync.Hosting;

/// <summary>What the hosted service works with, as it stands in the configuration (section <c>PlexSync</c> by default).</summary>
/// <remarks>How requests are sent is set in the section <c>Client</c>, as <see cref="PlexClientOptions"/>.</remarks>
public sealed class PlexSyncOptions
{
    /// <summary>The default of <see cref="StateFolder"/>: <c>state</c>.</summary>
    public const string DefaultStateFolder = "state";

    /// <summary>
    /// The token of the server's owner. It belongs into a variable or a secret, not into a file that is shared. It is read again whenever
    /// a job connects. Required.
    /// </summary>
    public string Token { get; set; } = "";

    /// <summary>
    /// The server of the jobs that name none: its name, its machine identifier, or its address with <c>http://</c> or <c>https://</c>; null
    /// (default) for the only one of the account.
    /// </summary>
    public string? Server { get; set; }

    /// <summary>
    /// The PINs of users who have one, by any name of theirs (<c>Pins:Teen</c>, <c>Pins:id:1003</c>); as secret as the token, and read
    /// again as it is.
    /// </summary>
    public IDictionary<string, string> Pins { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Where the journal is kept, and what is remembered (default <c>state</c>); not used where an <see cref="ISyncStore"/> is registered.
    /// </summary>
    public string StateFolder { get; set; } = DefaultStateFolder;

    /// <summary>How closely what is watched is followed.</summary>
    public LiveOptions Live { get; } = new();

    /// <summary>The jobs by their names, one at least: those of the configuration and those of <see cref="PlexSyncBuilder.AddJob"/>.</summary>
    public IDictionary<string, SyncJob> Jobs { get; } = new Dictionary<string, SyncJob>(StringComparer.OrdinalIgnoreCase);
}
