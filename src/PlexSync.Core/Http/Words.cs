using System.Text.Json;

namespace PlexSync;

/// <summary>Members of enumerations as words of closed lists: in files, in metrics, in JSON.</summary>
internal static class Words
{
    /// <summary>A value as a word of a closed list, in camelCase.</summary>
    public static string ToWord<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The value of a word; null where there is none.</summary>
    public static T? TryRead<T>(string? word)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (ToWord(value) == word)
            {
                return value;
            }
        }

        return null;
    }
}
