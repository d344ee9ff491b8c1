//! Which AWS region requests go to.

use std::path::Path;
use std::time::Duration;

use aws_config::Region;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::region::ProfileFileRegionProvider;

/// The region when none is configured.
const OTHERWISE: &str = "us-east-1";

/// How long an instance's metadata service may take to name its region.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the environment or the AWS profile names; on EC2 else the instance's; else `us-east-1`, which is said in the log.
///
/// The SDK's own chain asks for the instance's in any case: where there is no instance, the start waits for it, and two
/// long warnings about a service that nobody configured hide what is to be done.
pub(super) async fn chosen() -> Region {
    let configured = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new());
    if let Some(region) = configured.region().await {
        return region;
    }
    if is_on_ec2(Path::new("/sys"))
        && let Ok(Some(region)) =
            tokio::time::timeout(PATIENCE, ImdsRegionProvider::builder().build().region()).await
    {
        return region;
    }
    tracing::warn!(
        region = OTHERWISE,
        "no AWS region is configured, so this one is used: set AWS_REGION, or `region` in your AWS profile"
    );
    Region::from_static(OTHERWISE)
}

/// What the firmware says of itself, below `sys`: Nitro instances by name, older ones by their hypervisor's id.
fn is_on_ec2(sys: &Path) -> bool {
    let says = |file: &str, beginning: &str| {
        std::fs::read_to_string(sys.join(file)).is_ok_and(|text| text.starts_with(beginning))
    };
    says("class/dmi/id/sys_vendor", "Amazon EC2") || says("hypervisor/uuid", "ec2")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_known_by_its_firmware() -> std::io::Result<()> {
        for (file, text, expected) in [
            ("class/dmi/id/sys_vendor", "Amazon EC2\n", true),
            ("class/dmi/id/sys_vendor", "QEMU\n", false),
            ("hypervisor/uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n", true),
            ("hypervisor/uuid", "1e1916ec-9099-7caf-fd21-012345abcdef\n", false),
        ] {
            let sys = tempfile::tempdir()?;
            let path = sys.path().join(file);
            std::fs::create_dir_all(path.parent().expect("below `sys`"))?;
            std::fs::write(path, text)?;
            assert_eq!(is_on_ec2(sys.path()), expected, "{file}: {text}");
        }
        assert!(!is_on_ec2(Path::new("/nowhere")));
        Ok(())
    }
}
