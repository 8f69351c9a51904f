namespace PlexSync;

/// <summary>One user of one server: whose state is read and written.</summary>
/// <param name="Server">The server.</param>
/// <param name="User">The user.</param>
public readonly record struct ServerUser(MachineIdentifier Server, UserId User)
{
    /// <summary>Both, with a slash between them.</summary>
    public override string ToString() => $"{Server}/{User}";
}
