namespace PlexSync.Fleet.Storage;

/// <summary>Plans as they are stored: as the text of plan files, which every later version reads.</summary>
internal static class PlanText
{
    public static async Task<byte[]> WriteAsync(SyncPlan plan, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        await plan.WriteAsync(text, cancellationToken).ConfigureAwait(false);
        return text.ToArray();
    }

    public static async Task<SyncPlan> ReadAsync(byte[] text, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(text);
        return await SyncPlan.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Null where it cannot be read.</summary>
    public static async Task<SyncPlan?> TryReadAsync(byte[] text, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(text, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException)
        {
            return null;
        }
    }
}
