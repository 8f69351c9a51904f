using System.Collections.ObjectModel;
using System.Text.Json;

namespace PlexSync;

/// <summary>
/// A list of an answer: without holes, and with an end, since an element costs far more memory than the bytes that announce it.
/// </summary>
internal sealed class WireList<T> : Collection<T>
{
    /// <summary>Far more than a page holds, and than an unpaged answer should.</summary>
    private const int MaxCount = 50_000;

    protected override void InsertItem(int index, T item)
    {
        if (item is null || Count == MaxCount)
        {
            throw new JsonException(item is null ? "An element is null." : $"A list has more than {MaxCount} elements.");
        }

        base.InsertItem(index, item);
    }
}
