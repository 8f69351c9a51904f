using System.Diagnostics.CodeAnalysis;

namespace PlexSync;

/// <summary>What an address must be before anything is sent to it.</summary>
internal static class PlexAddress
{
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && IsUsable(address);

    public static Uri Require(Uri? address, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(address, parameterName);
        return IsUsable(address)
            ? address
            : throw new ArgumentException("The address must be an absolute http or https URL without user name or query.", parameterName);
    }

    private static bool IsUsable(Uri address) =>
        address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.Host.Length > 0 && !address.AbsolutePath.StartsWith("//", StringComparison.Ordinal) && address.UserInfo.Length == 0
            && address.Query.Length == 0 && address.Fragment.Length == 0;
}
