namespace PlexSync;

/// <summary>The failures of answers that lack a field.</summary>
internal static class WireError
{
    public static PlexException Missing(string path, string field) =>
        new(PlexErrorKind.InvalidResponse, $"{path} answered without a usable '{field}'.") { Path = path };
}
