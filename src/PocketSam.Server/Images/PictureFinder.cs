using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;

namespace PocketSam.Server.Images;

/// <summary>Finds pictures by id, including those that another replica received.</summary>
internal sealed class PictureFinder(ImageStore store, SharedPictures shared, Uploads uploads)
{
    /// <summary>Leases a picture, which stays in memory until the lease ends.</summary>
    /// <exception cref="ApiException">There is no such picture, or the replicas' shared store fails.</exception>
    public async Task<PhotoLease> LeaseAsync(HttpContext context, string id)
    {
        if (!shared.IsShared)
            return store.Lease(id);
        if (await shared.IsThereAsync(id, context.RequestAborted))
            return store.TryLease(id) ?? await uploads.AdoptAsync(context, id);

        // It may have been deleted on another replica.
        store.Remove(id);
        return store.Lease(id);
    }

    /// <summary>Removes a picture from all replicas; false if there is none.</summary>
    /// <exception cref="ApiException">The replicas' shared store cannot be reached.</exception>
    public async Task<bool> RemoveAsync(HttpContext context, string id)
    {
        bool wasShared = shared.IsShared && await shared.RemoveAsync(id, context.RequestAborted);
        return store.Remove(id) || wasShared;
    }
}
