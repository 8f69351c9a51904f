using System.Globalization;
using System.Text;

namespace PlexSync;

/// <summary>
/// Numbers runs in the order in which they begin. By date alone, a run from when the clock was ahead would stay the newest for as long as
/// the clock had been ahead.
/// </summary>
internal static class RunNumbers
{
    private const string Name = "order";
    private const int MaxLength = 20;

    /// <summary>The number of a run that begins now.</summary>
    /// <param name="root">The folder of the store.</param>
    /// <param name="time">Measures the wait for another run that is being numbered.</param>
    /// <param name="findLast">Finds the last number if the file that keeps it is missing or damaged.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    public static async Task<long> NextAsync(string root, TimeProvider time, Func<long> findLast, CancellationToken cancellationToken)
    {
        using var guard = await TargetLock.WaitAsync(root, root, time, cancellationToken).ConfigureAwait(false);
        return FileFailure.Guarded(root, () =>
        {
            var path = Path.Combine(root, Name);
            OwnerOnly.CheckFile(root, path);
            var next = (TryRead(path) ?? findLast()) + 1;
            OwnerOnly.Replace(path, file => file.Write(Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture))));
            return next;
        });
    }

    private static long? TryRead(string path)
    {
        var file = new FileInfo(path);
        return file is { Exists: true, Length: <= MaxLength }
            && long.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < long.MaxValue
                ? number
                : null;
    }
}
