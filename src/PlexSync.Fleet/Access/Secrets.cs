using System.Security.Cryptography;
using System.Text;

namespace PlexSync.Fleet.Access;

/// <summary>Compares secrets.</summary>
internal static class Secrets
{
    /// <summary>Whether they are the same. How long it takes tells nothing of either, not even its length.</summary>
    public static bool AreEqual(string given, string expected) =>
        expected.Length > 0 && CryptographicOperations.FixedTimeEquals(HashOf(given), HashOf(expected));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
