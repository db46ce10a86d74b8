/// The /proc and /sys of a machine, as far as the host checks read them.
let hostFixtures: [(path: String, text: String)] = [
  (
    "/proc/diskstats",
    #"""
       7       0 loop0 0 0 0 0 0 0 0 0 0 0 0
       8       1 sda1 250 0 2000 36 0 0 0 0 0 36 36
       8      16 sdb 32655 841 965777 84 4182 2895 197290 5007 0 60730 67070 6885 0 19251 11130 12 34
     259       0 nvme0n1 47114 4 4643973 21650 1078320 43950 39451633 1011053 7 222766 1032546
     259       1 nvme0n1p1 1140 0 9370 16 1 0 1 0 0 16 16

    """#
  ),
  ("/proc/loadavg", "0.21 0.37 0.39 1/719 19737\n"),
  (
    "/proc/mdstat",
    #"""
    Personalities : [raid1]
    md0 : active raid1 sdb2[1] sda2[0](F)
          248896 blocks [2/1] [_U]

    md127 : active raid1 sdi2[0] sdj2[1]
          312319552 blocks [2/2] [UU]

    unused devices: <none>

    """#
  ),
  (
    "/proc/meminfo",
    #"""
    MemTotal:        3742148 kB
    MemFree:          225472 kB
    MemAvailable:    1830612 kB
    Buffers:           22040 kB
    Cached:           930888 kB
    SwapCached:       192504 kB
    Active(anon):    1826336 kB
    Inactive(file):   286048 kB
    SwapTotal:       4194300 kB
    SwapFree:        3155360 kB
    Slab:             100640 kB
    HugePages_Total:       3
    Hugepagesize:       2048 kB
    DirectMap4k:      148156 kB

    """#
  ),
  (
    "/proc/stat",
    #"""
    cpu  301854 612 111922 8979004 3552 2 3944 10 44 36
    cpu0 44490 19 21045 1087069 220 1 3410 2 2 1
    cpu1 47869 23 16474 1110787 591 0 46 3 2 1
    intr 8885917 17 0 0 0 0 0 0 0 1 79281 0 0 0
    ctxt 38014093
    btime 1418183276
    processes 26442
    procs_running 2
    procs_blocked 1
    softirq 5057579 250191 1481983 1647 211099 186066 0 1783454 622196 12499 508444

    """#
  ),
  (
    "/proc/vmstat",
    #"""
    nr_free_pages 977769
    pgpgin 7344136
    pgpgout 1541180711
    pswpin 1476
    pswpout 35045
    pgalloc_normal 12
    pgfault 2320168809
    pgmajfault 507162
    oom_kill 4

    """#
  ),
  (
    "/proc/1/mounts",
    #"""
    proc /proc proc rw,relatime 0 0
    /dev/vda1 / ext4 rw,relatime 0 0
    tmpfs /run tmpfs rw,nosuid 0 0
    /dev/sdb1 /mnt/my\040disk xfs ro,relatime 0 0
    nas:/export /mnt/nas nfs4 rw,relatime 0 0
    /dev/sdc1 /var/lib/docker/overlay ext4 rw 0 0

    """#
  ),
  (
    "/proc/net/dev",
    #"""
    Inter-|   Receive                            |  Transmit
     face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs
        lo: 435303245 1832522 0 0 0 0 0 0 435303245 1832522 0 0 0 0 0 0
      eth0:68210035552 520993275 1 2 3 4 5 6 9315587528 43451486 7 8 9 10 11 12

    """#
  ),
  (
    "/proc/net/netstat",
    #"""
    TcpExt: SyncookiesSent SyncookiesRecv SyncookiesFailed ListenOverflows ListenDrops TCPTimeouts
    TcpExt: 1 2 3 5 6 115
    IpExt: InNoRoutes InOctets OutOctets
    IpExt: 0 6286396970 2786264347

    """#
  ),
  (
    "/proc/net/snmp",
    #"""
    Ip: Forwarding DefaultTTL InReceives
    Ip: 1 64 57740232
    Icmp: InMsgs InErrors OutMsgs
    Icmp: 104 0 120
    Tcp: ActiveOpens PassiveOpens CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts
    Tcp: 3556 230 2 57252008 54915039 227 5 1003
    Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors
    Udp: 88542 120 0 53028 9 8

    """#
  ),
  (
    "/proc/net/snmp6",
    #"""
    Ip6InReceives                   	7
    Ip6InOctets                     	460
    Ip6OutOctets                    	536
    Icmp6InMsgs                     	0
    Udp6InDatagrams                 	0

    """#
  ),
  (
    "/proc/net/sockstat",
    #"""
    sockets: used 1602
    TCP: inuse 35 orphan 0 tw 4 alloc 59 mem 22
    UDP: inuse 12 mem 62
    FRAG: inuse 0 memory 0

    """#
  ),
  (
    "/proc/net/sockstat6",
    #"""
    TCP6: inuse 17
    UDP6: inuse 9
    FRAG6: inuse 0 memory 0

    """#
  ),
  (
    "/proc/pressure/cpu",
    #"""
    some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781
    full avg10=0.00 avg60=0.00 avg300=0.00 total=0

    """#
  ),
  (
    "/proc/pressure/io",
    #"""
    some avg10=0.18 avg60=0.34 avg300=0.10 total=159886802
    full avg10=0.18 avg60=0.34 avg300=0.10 total=159229614

    """#
  ),
  (
    "/proc/pressure/memory",
    #"""
    some avg10=0.00 avg60=0.00 avg300=0.00 total=0
    full avg10=0.00 avg60=0.00 avg300=0.00 total=1250000

    """#
  ),
  ("/proc/sys/fs/file-nr", "1024\t0\t1631329\n"),
  ("/proc/sys/kernel/arch", "x86_64\n"),
  ("/proc/sys/kernel/domainname", "(none)\n"),
  ("/proc/sys/kernel/hostname", "web-1\n"),
  ("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n"),
  ("/proc/sys/kernel/ostype", "Linux\n"),
  ("/proc/sys/kernel/version", "#1 SMP Debian\n"),
  ("/proc/sys/net/netfilter/nf_conntrack_count", "123\n"),
  ("/proc/sys/net/netfilter/nf_conntrack_max", "65536\n"),
  ("/sys/class/net/eth0/address", "01:02\n"),
  ("/sys/class/net/eth0/broadcast", "ff:ff\n"),
  ("/sys/class/net/eth0/carrier", "1\n"),
  ("/sys/class/net/eth0/carrier_changes", "3\n"),
  ("/sys/class/net/eth0/carrier_down_count", "1\n"),
  ("/sys/class/net/eth0/carrier_up_count", "2\n"),
  ("/sys/class/net/eth0/dormant", "0\n"),
  ("/sys/class/net/eth0/duplex", "full\n"),
  ("/sys/class/net/eth0/flags", "0x1303\n"),
  ("/sys/class/net/eth0/ifalias", "\n"),
  ("/sys/class/net/eth0/mtu", "1500\n"),
  ("/sys/class/net/eth0/operstate", "up\n"),
  ("/sys/class/net/eth0/speed", "1000\n"),
  ("/sys/class/net/eth0/tx_queue_len", "1000\n"),
  ("/sys/class/net/eth0/type", "1\n"),
  ("/sys/class/net/lo/address", "01:02\n"),
  ("/sys/class/net/lo/broadcast", "ff:ff\n"),
  ("/sys/class/net/lo/carrier", "1\n"),
  ("/sys/class/net/lo/carrier_changes", "3\n"),
  ("/sys/class/net/lo/carrier_down_count", "1\n"),
  ("/sys/class/net/lo/carrier_up_count", "2\n"),
  ("/sys/class/net/lo/dormant", "0\n"),
  ("/sys/class/net/lo/flags", "0x1303\n"),
  ("/sys/class/net/lo/ifalias", "\n"),
  ("/sys/class/net/lo/mtu", "65536\n"),
  ("/sys/class/net/lo/operstate", "unknown\n"),
  ("/sys/class/net/lo/tx_queue_len", "1000\n"),
  ("/sys/class/net/lo/type", "772\n"),
]
