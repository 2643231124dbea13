using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Images;

namespace PocketSam.Server;

/// <summary>
/// Gives the service pictures that lie on this side, so that requests can name them as if a client had uploaded them. They are
/// among those that the service keeps within <see cref="PocketSamOptions.CacheBytes"/>, and go as those do. A singleton among the
/// services of <see cref="PocketSamServiceCollectionExtensions.AddPocketSam"/>.
/// </summary>
public sealed class PocketSamPictures
{
    private readonly Uploads _uploads;
    private readonly ImageStore _store;

    internal PocketSamPictures(Uploads uploads, ImageStore store) => (_uploads, _store) = (uploads, store);

    /// <summary>
    /// Decodes a picture and queues it to be encoded. What refuses it (no room, too large) is thrown on: endpoints of
    /// <see cref="PocketSamEndpointRouteBuilderExtensions.MapPocketSamGroup"/> let it pass, and it is answered as for an upload.
    /// </summary>
    /// <param name="name">What exports call it.</param>
    /// <param name="file">The bytes of a picture's file.</param>
    /// <param name="cancellation">Gives up while it waits to be decoded.</param>
    /// <returns>The id by which requests of the service name it.</returns>
    /// <exception cref="ImageFormatException">Not a picture that can be read.</exception>
    public async Task<string> AddAsync(string name, ReadOnlyMemory<byte> file, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return (await _uploads.AddAsync(default, name, file, cancellation)).Id;
    }

    /// <summary>Whether requests can name a picture; asking is no use of it.</summary>
    /// <param name="id">What <see cref="AddAsync"/> gave.</param>
    public bool Contains(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return _store.LastUse(id) is not null;
    }

    /// <summary>Waits until a picture is encoded, could not be, or is gone.</summary>
    /// <param name="id">What <see cref="AddAsync"/> gave.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>Whether it takes prompts.</returns>
    public async Task<bool> WaitAsync(string id, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        Photo photo;
        try
        {
            using PhotoLease lease = _store.Lease(id);
            photo = lease.Photo;
        }
        catch (ApiException)
        {
            return false;
        }

        while (true)
        {
            Task change = photo.Describe().Change;
            if (photo.IsSettled)
                return photo.Describe().Document.State == "ready" && Contains(id);
            if (photo.Removed.IsCancellationRequested)
                return false;
            await change.WaitAsync(cancellation);
        }
    }
}
