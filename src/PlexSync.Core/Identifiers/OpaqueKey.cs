using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace PlexSync;

/// <summary>What any identifier of a server must satisfy before it may become part of a path.</summary>
internal static class OpaqueKey
{
    private const int MaxLength = 128;

    private static readonly SearchValues<char> Reserved = SearchValues.Create("/\\,?#%&\"<>");

    // A key goes into a path segment and into comma lists: whatever could end or leave that segment is no key.
    public static bool IsValid([NotNullWhen(true)] string? text) => text is not null && IsValid(text.AsSpan());

    public static bool IsValid(ReadOnlySpan<char> text) =>
        text is { Length: > 0 and <= MaxLength } and not ("." or "..")
        && !text.ContainsAnyExceptInRange('!', '~')
        && !text.ContainsAny(Reserved);
}
