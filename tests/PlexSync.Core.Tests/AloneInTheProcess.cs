namespace PlexSync.Core.Tests;

/// <summary>Tests that measure memory: what other tests use meanwhile would count, too.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
