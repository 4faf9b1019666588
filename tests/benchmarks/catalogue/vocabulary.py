"""The words of generated records, in Chinese and English: subjects, places, platforms, methods, sentences, names."""

from __future__ import annotations

from typing import Final, NamedTuple


class Topic(NamedTuple):
    """A subject: its name, kinds of it, its GB/T 13745 code, and where it is studied (`o` at sea, `c` in the cold)."""

    zh: str
    en: str
    kinds_zh: tuple[str, ...]
    kinds_en: tuple[str, ...]
    code: str
    where: str


class Place(NamedTuple):
    """A region and its box in degrees; west > east across the antimeridian."""

    zh: str
    en: str
    west: float
    south: float
    east: float
    north: float


_TOPICS = """
降水 | precipitation | 逐日降水,降雨量,极端降水 | daily precipitation,rainfall,extreme precipitation | 170.15 | l
地表温度 | land surface temperature | 地温,陆面温度,热红外 | skin temperature,thermal infrared | 170.15 | l
土地覆盖 | land cover | 土地利用,土地覆被变化 | land use,land cover change | 170.45 | l
海洋 | ocean | 海洋环境,海洋生态,近海 | marine environment,marine ecology | 170.60 | o
植被指数 | vegetation index | 归一化植被指数,叶面积指数,NDVI | leaf area index,NDVI | 180.44 | l
海面温度 | sea surface temperature | 海温,海表温度,SST | SST,sea temperature | 170.60 | o
土壤水分 | soil moisture | 土壤湿度,土壤含水量 | soil water content,soil wetness | 210.20 | l
气温 | air temperature | 平均气温,最高气温,最低气温 | mean temperature,maximum temperature | 170.15 | a
径流 | runoff | 河川径流,流量,水文站 | streamflow,discharge,hydrological station | 170.55 | l
冰川 | glacier | 冰川编目,冰川物质平衡,冰川表面高程 | glacier inventory,glacier mass balance | 170.45 | c
积雪 | snow cover | 雪深,雪水当量,积雪面积 | snow depth,snow water equivalent | 170.45 | c
碳通量 | carbon flux | CO2通量,净生态系统交换,涡动相关 | CO2 flux,net ecosystem exchange,eddy covariance | 180.44 | l
冻土 | permafrost | 多年冻土,季节冻土,活动层厚度 | seasonally frozen ground,active layer thickness | 170.45 | c
蒸散发 | evapotranspiration | 潜在蒸散发,蒸发量 | potential evapotranspiration,evaporation | 170.15 | l
叶绿素a | chlorophyll-a | 叶绿素浓度,浮游植物 | chlorophyll concentration,phytoplankton | 170.60 | o
数字高程模型 | digital elevation model | DEM,地形,坡度 | DEM,topography,slope | 170.45 | l
净初级生产力 | net primary productivity | 总初级生产力,植被生产力 | gross primary productivity,GPP | 180.44 | l
大气气溶胶 | atmospheric aerosol | 气溶胶光学厚度,PM2.5浓度 | aerosol optical depth,PM2.5 | 170.15 | a
甲烷 | methane | CH4浓度,温室气体 | CH4 concentration,greenhouse gas | 170.15 | a
湖泊面积 | lake area | 湖泊水位,水体范围 | lake level,water extent | 170.55 | l
海冰 | sea ice | 海冰密集度,海冰厚度 | sea ice concentration,sea ice thickness | 170.60 | p
地下水 | groundwater | 地下水位,地下水储量 | groundwater level,terrestrial water storage | 170.55 | l
沙漠化 | desertification | 荒漠化,沙尘暴,风蚀 | aeolian desertification,dust storm,wind erosion | 170.45 | l
生物多样性 | biodiversity | 物种分布,植物群落 | species distribution,plant community | 180.44 | l
土壤有机碳 | soil organic carbon | 土壤有机质,碳储量 | soil organic matter,carbon stock | 210.20 | l
太阳辐射 | solar radiation | 净辐射,短波辐射 | net radiation,shortwave radiation | 170.15 | a
海平面 | sea level | 海平面高度异常,潮汐 | sea level anomaly,tide | 170.60 | o
盐度 | salinity | 海水盐度,土壤盐分 | sea surface salinity,soil salinity | 170.60 | o
夜间灯光 | nighttime light | 人口密度,GDP | population density,GDP | 790.35 | l
农作物 | crop | 作物产量,物候,小麦 | crop yield,phenology,wheat | 210.30 | l
森林火灾 | forest fire | 火点,过火面积 | fire point,burned area | 220.20 | l
地震 | earthquake | 地震目录,断层 | earthquake catalogue,fault | 170.35 | l
地质灾害 | geological hazard | 滑坡,泥石流 | landslide,debris flow | 170.50 | l
臭氧 | ozone | 对流层臭氧,NO2柱浓度 | tropospheric ozone,NO2 column | 170.15 | a
风速 | wind speed | 风场,台风 | wind field,typhoon | 170.15 | a
水质 | water quality | 溶解氧,总氮,总磷 | dissolved oxygen,total nitrogen,total phosphorus | 170.55 | l
重力场 | gravity field | GRACE,水储量变化 | GRACE,water storage anomaly | 170.20 | g
树轮 | tree ring | 树轮宽度,古气候,冰芯 | tree-ring width,palaeoclimate,ice core | 170.15 | c
珊瑚礁 | coral reef | 海草床,红树林 | seagrass,mangrove | 180.44 | o
深海沉积物 | deep-sea sediment | 海底地形,多波束测深 | bathymetry,multibeam sounding | 170.60 | o
"""
_PLACES = """
中国 | China | 73 | 18 | 135 | 54
全球 | global | -180 | -90 | 180 | 90
青藏高原 | Tibetan Plateau | 73 | 26 | 105 | 40
黑河流域 | Heihe River Basin | 97 | 37 | 103 | 43
祁连山 | Qilian Mountains | 94 | 36 | 104 | 40
青海省 | Qinghai Province | 89.4 | 31.6 | 103.1 | 39.2
中国东北地区 | Northeast China | 115 | 38 | 135 | 54
黄河流域 | Yellow River Basin | 95 | 32 | 119 | 42
长江流域 | Yangtze River Basin | 90 | 24 | 122 | 36
南海 | South China Sea | 105 | 3 | 122 | 23
东海 | East China Sea | 118 | 23 | 131 | 33
黄土高原 | Loess Plateau | 100 | 33 | 114 | 41
新疆 | Xinjiang | 73 | 34 | 96 | 49
西北太平洋 | Northwest Pacific | 120 | 5 | 180 | 50
太平洋 | Pacific Ocean | 150 | -50 | -100 | 50
中亚 | Central Asia | 46 | 35 | 87 | 55
塔里木河流域 | Tarim River Basin | 73 | 34 | 93 | 43
北极 | Arctic | -180 | 66 | 180 | 90
南极 | Antarctica | -180 | -90 | 180 | -60
青海湖 | Qinghai Lake | 99.5 | 36.5 | 100.8 | 37.3
三江源 | Three-River Headwaters | 89 | 31 | 103 | 37
古尔班通古特沙漠 | Gurbantunggut Desert | 84 | 44 | 91 | 46.5
横断山区 | Hengduan Mountains | 97 | 24 | 104 | 34
珠江三角洲 | Pearl River Delta | 111.5 | 21.5 | 115.5 | 24
渤海 | Bohai Sea | 117 | 37 | 122.5 | 41
黄海 | Yellow Sea | 119 | 31 | 127 | 40
印度洋 | Indian Ocean | 30 | -50 | 110 | 25
中巴经济走廊 | China-Pakistan Economic Corridor | 61 | 23 | 80 | 40
内蒙古 | Inner Mongolia | 97 | 37 | 126 | 53.3
云南省 | Yunnan Province | 97.5 | 21 | 106.2 | 29.3
甘肃省 | Gansu Province | 92 | 32 | 109 | 43
四川盆地 | Sichuan Basin | 103 | 28 | 108 | 32.5
京津冀 | Beijing-Tianjin-Hebei | 113 | 36 | 120 | 42.7
东南亚 | Southeast Asia | 92 | -11 | 141 | 28
加拿大 | Canada | -141 | 41 | -52 | 83
不列颠哥伦比亚 | British Columbia | -139 | 48 | -114 | 60
欧洲 | Europe | -25 | 34 | 45 | 72
非洲 | Africa | -18 | -35 | 52 | 38
白令海 | Bering Sea | 162 | 51 | -157 | 66
斐济海域 | Fiji waters | 174 | -22 | -176 | -14
"""
_PLATFORMS = """
MODIS | Landsat 8 | Sentinel-2 | Sentinel-1 | AVHRR | GRACE | FY-3 | ERA5-Land | GLEAM |
CMIP6 | Argo | VIIRS | 高分一号 |
HY-1C | SMAP | TRMM | GPM | ICESat-2 | CRU | GLDAS | WRF | HadISST | ASCAT | AMSR2 | 资源三号
"""
_FORMATS = """
GeoTIFF | NetCDF | Shapefile | CSV | Excel | HDF5 | GRIB2 | GeoPackage | Zarr | TXT | JPEG | GeoJSON
"""
_LICENCES = """
CC-BY-4.0 | other | CC0-1.0 | CC-BY-NC-4.0 | CC-BY-SA-4.0 | ODbL-1.0 | CC-BY-NC-ND-4.0 |
OGL-Canada-2.0 | CC-BY-NC-SA-4.0
"""
_TYPES = """
dataset | series | service | document | collection | software
"""
_UNITS = """
℃ | mm | g C m-2 | m3/m3 | mg/m3 | W/m2 | kg | % | m/s | ppm | cm
"""
_RESOLUTIONS = """
1km | 1 km
30m | 30 m
0.05° | 0.05 degree
0.25° | 0.25 degree
500m | 500 m
250m | 250 m
10m | 10 m
1m | 1 m
0.1° | 0.1 degree
5km | 5 km
0.01° | 0.01 degree
90m | 90 m
站点 | station
1:100000 | 1:100000
"""
_STEPS = """
逐月 | monthly
逐日 | daily
逐年 | annual
逐小时 | hourly
8天 | 8-day
逐旬 | ten-day
多年平均 | multi-year mean
30分钟 | 30-minute
"""
_METHODS = """
随机森林 | random forest
深度学习 | deep learning
双线性插值 | bilinear interpolation
最近邻插值 | nearest neighbour interpolation
机器学习 | machine learning
克里金插值 | kriging
数据同化 | data assimilation
反演算法 | retrieval algorithm
图卷积神经网络 | graph convolutional network
支持向量机 | support vector machine
主成分分析 | principal component analysis
最大合成法 | maximum value composite
卡尔曼滤波 | Kalman filter
混合像元分解 | spectral unmixing
交叉验证 | cross validation
质量控制 | quality control
偏差校正 | bias correction
降尺度 | downscaling
目视解译 | visual interpretation
线性回归 | linear regression
"""
SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN_NAMES: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英卓鸿晨丹翀广岳林莹"
STATION_CHARACTERS: Final = "安平兴华东西南北山河海林江宁阳昌德丰永和清泉石龙凤云岭川湖沙柳杨马牛羊红白青黑玉金银"
_HOMES = """
中国科学院 | 国家 | 青海 | 甘肃 | 武汉 | 南京 | 兰州 | 北京 | 中国海洋 | 中山 | 云南 | 新疆
"""
_INSTITUTES = """
西北生态环境资源研究院 |
大学 |
气象科学研究所 |
信息工程大学 |
地理科学与资源研究所 |
海洋研究所 |
遥感信息工程国家重点实验室 |
水利科学研究院 |
青藏高原研究所 |
地质调查局
"""
_SYLLABLES = "ba ce di fo gu ha ke li mo nu pa qui re sta tri ul ver xo yi zan ther mol gra phyl cor lith"


def _rows(table: str) -> list[list[str]]:
    return [line.split(" | ") for line in table.strip().splitlines()]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split("|")]


TOPICS: Final = [
    Topic(zh, en, tuple(kinds_zh.split(",")), tuple(kinds_en.split(",")), code, where)
    for zh, en, kinds_zh, kinds_en, code, where in _rows(_TOPICS)
]
PLACES: Final = [Place(zh, en, *map(float, sides)) for zh, en, *sides in _rows(_PLACES)]
RESOLUTIONS: Final = _rows(_RESOLUTIONS)
"""Of space: Chinese, English."""
STEPS: Final = _rows(_STEPS)
"""Of time: Chinese, English."""
METHODS: Final = _rows(_METHODS)
PLATFORMS: Final = _words(_PLATFORMS)
FORMATS: Final = _words(_FORMATS)
LICENCES: Final = _words(_LICENCES)
TYPES: Final = _words(_TYPES)
UNITS: Final = _words(_UNITS)
HOMES: Final = _words(_HOMES)
INSTITUTES: Final = _words(_INSTITUTES)
SYLLABLES: Final = _SYLLABLES.split()
SEAS: Final = frozenset(
    _words(
        "Global | South China Sea | East China Sea | Northwest Pacific | Pacific Ocean | Bohai Sea | Yellow Sea "
        "| Indian Ocean | Bering Sea | Fiji waters"
    )
)
"""Places of topics at sea, by their English names."""
COLD: Final = frozenset(
    _words(
        "Tibetan Plateau | Qilian Mountains | Northeast China | Three-River Headwaters | Hengduan Mountains | Xinjiang "
        "| Heihe River Basin | Arctic"
    )
)
"""Places of topics of snow and ice."""
