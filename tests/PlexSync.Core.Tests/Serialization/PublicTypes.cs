using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace PlexSync.Core.Tests.Serialization;

/// <summary>What the public types are: words, texts, data, or neither.</summary>
internal static class PublicTypes
{
    /// <summary>Types that hold something that cannot be written down, and what.</summary>
    public static IReadOnlyDictionary<Type, string> NoData { get; } = new Dictionary<Type, string>
    {
        [typeof(FileStore)] = "works",
        [typeof(HomeUserSwitcher)] = "works",
        [typeof(JobConnector)] = "works",
        [typeof(LiveSynchronizer)] = "works",
        [typeof(PlexClient)] = "works",
        [typeof(PlexConnections)] = "works",
        [typeof(RunLog)] = "works",
        [typeof(TautulliClient)] = "works",
        [typeof(TautulliOptions)] = "a key",
        [typeof(WatchStateSynchronizer)] = "works",
        [typeof(PlexServer)] = "a connection, with a token",
        [typeof(PlexMember)] = "a connection",
        [typeof(JobUsers)] = "connections",
        [typeof(LiveJobConnected)] = "connections",
        [typeof(PlexAccount)] = "a token",
        [typeof(PlexAccess)] = "a token",
        [typeof(LinkCode)] = "codes that sign in",
        [typeof(LiveJob)] = "a function",
        [typeof(LiveBurst)] = "a job with a function",
        [typeof(LiveJobFailed)] = "a job with a function",
        [typeof(LiveJobRecovered)] = "a job with a function",
        [typeof(LiveRunEnded)] = "a job with a function",
        [typeof(LiveStreamChanged)] = "comes with the other events of a live run",
        [typeof(SyncOptions)] = "a policy, which is code; SyncJob says the same in words",
        [typeof(SyncRoute)] = "made anew from a job, to find loops",
        [typeof(SyncLoop)] = "two routes",
        [typeof(SyncCanceledException)] = "an exception that holds reports, which are data",
    };

    /// <summary>Types that do something and have nothing to tell of themselves.</summary>
    public static IReadOnlySet<Type> WithoutText { get; } = new HashSet<Type>
    {
        typeof(HomeUserSwitcher), typeof(JobConnector), typeof(LiveSynchronizer), typeof(PlexClient), typeof(PlexConnections),
        typeof(TautulliClient), typeof(WatchStateSynchronizer),
    };

    /// <summary>Everything that can be made and handed around.</summary>
    public static IEnumerable<Type> All { get; } = typeof(PlexClient).Assembly.GetExportedTypes().Where(static type =>
        type is { IsInterface: false, IsAbstract: false, ContainsGenericParameters: false }
        && !typeof(JsonConverter).IsAssignableFrom(type));

    public static IEnumerable<Type> Enums => All.Where(static type => type.IsEnum);

    /// <summary>Value types that are nothing but a text or a number.</summary>
    public static IEnumerable<Type> Identifiers => All.Where(static type => !type.IsEnum && type.IsValueType && IsSimple(type));

    public static IEnumerable<Type> Data => All.Where(static type => !type.IsEnum && !IsSimple(type) && !NoData.ContainsKey(type));

    public static bool HasGeneratedText(Type type) =>
        type.GetMethod(nameof(ToString), [])!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static bool IsSimple(Type type) => type == typeof(UserId)
        || (type.IsValueType && type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Length == 0);
}
