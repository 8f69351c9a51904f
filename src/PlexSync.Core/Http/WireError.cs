namespace PlexSync;

/// <summary>What an answer lacks.</summary>
internal static class WireError
{
    public static PlexException Missing(string path, string field) =>
        new(PlexErrorKind.InvalidResponse, $"{path} answered without a usable '{field}'.") { Path = path };
}
